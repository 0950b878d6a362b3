// The site's search: the page of a mistake comes before indexes, upgrade pages and notebooks that only mention it.
// Sphinx puts this file into its own search tools; a result is [page, title, anchor, description, score, file].
var Scorer = {
  score: ([page, , , , score]) => {
    if (/^scenarios\/[^/]+\/(?!index$)/.test(page)) return score + 20;
    if (/^(versions|notebooks|unavailable|errors|project)/.test(page) || page.endsWith("index")) return score - 10;
    return score;
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
