"""From a traceback or a symptom to the recipe: the table, the matching, and the answers."""
