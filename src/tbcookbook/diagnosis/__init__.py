"""From a traceback or a symptom to the recipe: the table, the matching, the answers, and hooks for other programs."""
