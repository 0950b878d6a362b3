// Paste your error, or say what you see: the recipe opens below. Nothing leaves the page.
// The same as tbcookbook/diagnosis: clean.py, exceptions.py, match.py, symptoms.py. tests/diagnosis/cases.json is run by both.
(function () {
  "use strict";

  const LARGEST = 100000, BEFORE = 1200, AFTER = 1800, FIRST = 8, LAST = 20, LONGEST_LINE = 4000;
  const ENOUGH = 12, SENTENCE = 10, LITTLE = 6, FRAMES = 0.6, ALIKE = 0.6, TYPE_BEFORE = 160, LEAST_CUT = 24, PLACES = 50;
  const MOST = 8, SEVERAL = 3, WEAK = 0.25, MOST_WORDS = 60, LEAST_FUZZY = 8;

  // clean.py

  const ESCAPES = /\x1b(?:\[[0-9;:?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])|\[(?:\d{1,3};)*\d{1,3}m/g;
  const INVISIBLE = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g;
  const ENTITY = /&(#\d{1,6}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});/g;
  const NAMED = { quot: '"', apos: "'", lt: "<", gt: ">", amp: "&", nbsp: " ", lsquo: "'", rsquo: "'", ldquo: '"', rdquo: '"', hellip: "…" };
  const MARGIN = /(?:[ \t]*(?:[>|│┃╎]|E(?=[ \t]{2})[ \t]{0,2}|\+-[-+ 0-9]*(?=\s|$)))+ ?/y;
  const STAMP = new RegExp(
    "[ \\t]*(?:" +
      "\\[?\\d{4}[-/]\\d\\d[-/]\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(?:[.,:]\\d+)?(?:Z|[+-]\\d\\d:?\\d\\d)?\\]?:?" +
      "|\\[?\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d+)?\\]?" +
      "|\\[?(?:INFO|DEBUG|ERROR|WARN|WARNING|CRITICAL|FATAL|TRACE)\\]?:?(?=[ \\t])" +
      "|\\[(?:rank|worker|pid|default|cuda|gpu|node|proc|stderr|stdout|err|out)[-_ :=]?\\w*\\]:?" +
      "|[A-Z]\\d{4} \\d\\d:\\d\\d:\\d\\d\\.\\d+" +
      ") ?", "y");
  const QUOTES = /['"`\\´‘’‚‛“”„‟«»′″]/g;
  const SUSPECT = /Error|Exception|Warning|WARNING|ERROR|[Ff]ailed|Traceback|terminate called|RAW:|has no attribute/g;
  const WORD = /[a-z0-9_]{4,}/g;

  function flat(text) {
    return text.toLowerCase().replace(QUOTES, "").replace(/\s+/g, " ").trim();
  }

  function after(form, line, position) {
    form.lastIndex = position;
    return form.test(line) ? form.lastIndex : position;
  }

  function bare(line) {
    let position = after(MARGIN, line, 0);
    for (let times = 0; times < 4; times++) {
      const next = after(STAMP, line, position);
      if (next === position) break;
      position = next;
    }
    if (position && line.startsWith("- ", position)) position += 2;
    return line.slice(after(MARGIN, line, position));
  }

  function character(whole, name) {
    if (name[0] !== "#") return NAMED[name.toLowerCase()] || whole;
    const code = name[1] === "x" ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  }

  function clean(text, telling) {
    if (text.length > LARGEST) text = surroundings(text, telling);
    text = text.replace(/\r\n?/g, "\n").replace(ESCAPES, "");
    if (text.includes("&")) text = text.replace(ENTITY, character);
    text = text.replace(INVISIBLE, "").replace(/\xa0/g, " ");
    return text.split("\n").map((line) => bare(line.slice(0, LONGEST_LINE)));
  }

  function surroundings(text, telling) {
    const first = [], seen = new Set();
    let last = [], position = 0;
    for (;;) {
      SUSPECT.lastIndex = position;
      const found = SUSPECT.exec(text);
      if (!found) break;
      const begin = Math.max(text.lastIndexOf("\n", found.index) + 1, position);
      let end = text.indexOf("\n", SUSPECT.lastIndex);
      if (end < 0) end = text.length;
      position = end;
      const stop = Math.min(end, begin + LONGEST_LINE);
      const line = text.slice(begin, stop).toLowerCase();
      const shape = line.replace(/[0-9]+/g, "0");
      if (seen.has(shape) || !(line.match(WORD) || []).some((word) => telling.has(word))) continue;
      if (seen.size < LARGEST) seen.add(shape);
      const where = [Math.max(0, begin - BEFORE), Math.min(text.length, stop + AFTER)];
      if (first.length < FIRST) first.push(where);
      else last.push(where);
      if (last.length > 4 * LAST) last = last.slice(-LAST);
    }
    const places = first.concat(last.slice(-LAST), [[Math.max(0, text.length - BEFORE - AFTER), text.length]]);
    return places.map(([begin, end]) => text.slice(begin, end)).join("\n");
  }

  // exceptions.py

  const RAISED = /(?<![\w.'"/])((?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Warning|Interrupt|Exit|Failure))(?:: ?(.*)|\s*$)/;
  const FORMS = [
    /File "([^"\n]{1,400})", line \d+, in ([\w<>.]+)/,
    /File ([^\s()"]{1,400}?)(?::\d+|, line \d+)?,? in ([\w<>.]+)\(/,
    /^([^\s:()]{1,400}\.py[cx]?) in ([\w<>]+)\(/,
    /^\s*([^\s:()]{1,400}\.py):\d+:? (?:in )?([\w<>]+)/,
  ];

  function exceptions(lines) {
    return lines.map((line) => RAISED.exec(line)).filter(Boolean).map((found) => ({ type: found[1], message: (found[2] || "").trim() }));
  }

  function functionsIn(lines) {
    const names = new Set();
    for (const line of lines) {
      if (!line.includes(".py") && !line.includes("File ")) continue;
      for (const form of FORMS) {
        const found = form.exec(line);
        if (!found) continue;
        const name = found[2].slice(found[2].lastIndexOf(".") + 1);
        if (name !== "<module>") names.add(name);
        break;
      }
    }
    return names;
  }

  // match.py

  const CUT = /\.\.\.|…|\[\.\.\.\.\]|$/g;
  const ABOUT = /tensorboard|tf\.summary|summary_ops|summarywriter|summary_writer|tfevents|events\.out|hparams|callback|profiler|projector|file_writer|filewriter|logdir|log_dir|add_scalar|add_summary|pkg_resources|torch\/utils\/tensorboard/;
  const ENTRY = ["kind", "name", "chapter", "title", "page", "symptoms", "parts", "difference", "sources"];
  const SAYING = ["entry", "origin", "type", "pieces", "openBefore", "openAfter", "weight", "warns", "on", "shown", "frames"];

  function named(names, row) {
    return Object.fromEntries(names.map((name, number) => [name, row[number]]));
  }

  function tellingWord(saying) {
    let longest = "";
    saying.pieces.forEach(function (piece, number) {
      const begin = number === 0 && !saying.openBefore ? 0 : 1;
      const end = number === saying.pieces.length - 1 && !saying.openAfter ? piece.length : piece.length - 1;
      for (const found of piece.matchAll(WORD)) {
        if (found.index >= begin && found.index + found[0].length <= end && found[0].length > longest.length) longest = found[0];
      }
    });
    return longest;
  }

  function tableOf(data) {
    const table = { entries: data.entries.map((row) => named(ENTRY, row)), sayings: data.sayings.map((row) => named(SAYING, row)) };
    table.functions = new Map(data.functions.map((name, number) => [name, number]));
    table.telling = new Map();
    for (const saying of table.sayings) {
      const word = tellingWord(saying);
      if (!table.telling.has(word)) table.telling.set(word, []);
      table.telling.get(word).push(saying);
    }
    return table;
  }

  function look(text, table) {
    const lines = clean(text, table.telling);
    const all = flat(lines.join("\n"));
    return { lines: lines, exceptions: exceptions(lines), functions: functionsIn(lines), text: all, about: ABOUT.test(all) };
  }

  function matches(seen, table) {
    const whole = new Set(seen.lines.map(flat).concat(seen.exceptions.map((found) => flat(found.message)), [seen.text]));
    const words = new Set(seen.text.match(WORD) || []);
    const known = new Set(Array.from(seen.functions).filter((name) => table.functions.has(name) && !name.startsWith("__")).map((name) => table.functions.get(name)));
    const best = new Map();
    for (const [word, sayings] of table.telling) {
      if (word && !words.has(word) && !endsInPart(seen.text, word)) continue;
      for (const saying of sayings) {
        const match = matchOf(saying, seen, whole, known);
        const other = best.get(saying.entry);
        if (match && (!other || compare(match, other) < 0)) best.set(saying.entry, match);
      }
    }
    return Array.from(best.values()).sort(compare);
  }

  function compare(one, other) {
    for (let place = 0; place < one.score.length; place++) {
      if (one.score[place] !== other.score[place]) return other.score[place] - one.score[place];
    }
    return 0;
  }

  function endsInPart(text, word) {
    for (let length = 3; length < word.length; length++) if (text.endsWith(word.slice(0, length))) return true;
    return false;
  }

  function matchOf(saying, seen, whole, known) {
    let where = find(saying, seen.text);
    const cut = !where;
    if (!where) where = findCut(saying, seen.text);
    if (!where) return null;
    const [begin, end] = where;
    const typed = saying.type !== "" && seen.text.slice(Math.max(0, begin - TYPE_BEFORE), begin).includes(saying.type.toLowerCase() + ":");
    const near = nearness(saying, known);
    if (seen.functions.size && !seen.about && near < ALIKE && !saying.warns) return null;
    if (!counts(saying, seen, typed, !cut && isAllOf(saying, whole), cut ? end - begin : null)) return null;
    const length = saying.pieces.reduce((sum, piece) => sum + piece.length, 0);
    const literal = (cut ? end - begin : length) + (typed ? saying.type.length : 0);
    const score = [
      saying.warns ? 0 : 1,
      Math.round(100 * literal * (known.size ? 1 - FRAMES + FRAMES * near : 1)) / 100,
      typed ? 1 : 0,
      end / (seen.text.length + 1),
    ];
    return { saying: saying, score: score };
  }

  function counts(saying, seen, typed, isWhole, cut) {
    if (cut !== null) return saying.weight >= ENOUGH && cut >= LEAST_CUT;
    if (saying.weight >= ENOUGH) return true;
    const first = saying.pieces[0];
    if (saying.origin === "reported" && !saying.type && saying.weight < SENTENCE) return seen.text === first;
    if (saying.weight >= LITTLE) return typed || isWhole || seen.about;
    if (saying.origin === "reported") {
      return isWhole && (seen.about || seen.text === first || seen.text === saying.type.toLowerCase() + ": " + first);
    }
    return isWhole && (typed || seen.about || !saying.type || first === seen.text);
  }

  function isAllOf(saying, whole) {
    if (saying.pieces.length > 1) return false;
    const piece = saying.pieces[0];
    if (whole.has(piece)) return true;
    for (const line of whole) {
      if ((saying.openBefore && line.endsWith(piece)) || (saying.openAfter && line.startsWith(piece))) return true;
    }
    return false;
  }

  function find(saying, text) {
    const first = saying.pieces[0];
    let position = 0;
    for (let place = 0; place < PLACES; place++) {
      const begin = text.indexOf(first, position);
      if (begin < 0) return null;
      let end = begin + first.length;
      if (saying.openBefore || startsWord(text, begin, first)) {
        for (const piece of saying.pieces.slice(1)) {
          const found = text.indexOf(piece, end);
          if (found < 0) return null;
          end = found + piece.length;
        }
        if (saying.openAfter || endsWord(text, end)) return [begin, end];
      }
      position = begin + 1;
    }
    return null;
  }

  function findCut(saying, text) {
    const first = saying.pieces[0];
    if (first.length < LEAST_CUT) return null;
    const begin = text.indexOf(first.slice(0, LEAST_CUT));
    if (begin < 0 || !(saying.openBefore || startsWord(text, begin, first))) return null;
    CUT.lastIndex = begin;
    const stop = CUT.exec(text);
    const part = text.slice(begin, stop ? stop.index : text.length).trim();
    return part.length >= LEAST_CUT && part.length < first.length && first.startsWith(part) ? [begin, begin + part.length] : null;
  }

  function isWord(letter) {
    return /[\p{L}\p{N}_]/u.test(letter);
  }

  function startsWord(text, begin, piece) {
    return begin === 0 || !isWord(piece[0]) || !(isWord(text[begin - 1]) || text[begin - 1] === ".");
  }

  function endsWord(text, end) {
    if (end >= text.length || !isWord(text[end - 1])) return true;
    return !(isWord(text[end]) || (text[end] === "." && end + 1 < text.length && isWord(text[end + 1])));
  }

  function nearness(saying, known) {
    let best = 0;
    if (!known.size) return 0;
    for (const frames of saying.frames) {
      if (!frames.length) continue;
      const both = frames.filter((number) => known.has(number)).length;
      best = Math.max(best, (0.7 * both) / known.size + (0.3 * 2 * both) / (known.size + frames.length));
    }
    return best;
  }

  // symptoms.py

  const REMNANTS = new Set("aren couldn d didn doesn don hasn haven isn ll m re s shouldn t ve wasn weren won wouldn".split(" "));
  const DRIVE = /(?<![a-z0-9])[a-z]:[\\/]/g;

  function wordsOf(also, question) {
    let words = (question.toLowerCase().replace(DRIVE, " windows drive ").match(/[a-z0-9]+/g) || []).slice(0, MOST_WORDS);
    words = words.filter((word) => !REMNANTS.has(word));
    words = words.concat(words.flatMap((word) => (Object.hasOwn(also, word) ? also[word].split(" ") : [])));
    return Array.from(new Set(words));
  }

  // The stem that lunr of Python has in the index: it makes "display" end in "i", and "try" not; lunr.js the other way.
  function stemOf(word) {
    const stem = lunr.stemmer(new lunr.Token(word, {})).toString();
    if (/[aeiou]y$/.test(stem)) return stem.slice(0, -1) + "i";
    return word.includes("y") && /^[^aeiouy]+i$/.test(stem) ? stem.slice(0, -1) + "y" : stem;
  }

  // A word that no text has may be misspelt.
  function termOf(index, word) {
    const stem = stemOf(word);
    const isFuzzy = word.length >= LEAST_FUZZY && !Object.hasOwn(index.invertedIndex, stem);
    return [stem, { usePipeline: false, editDistance: isFuzzy ? 1 : 0 }];
  }

  function search(index, also, question) {
    const words = wordsOf(also, question);
    if (!words.length) return [];
    const found = index.query((query) => words.forEach((word) => query.term(...termOf(index, word))));
    const scored = found.map((one) => [Number(one.ref), one.score * Math.sqrt(Object.keys(one.matchData.metadata).length)]);
    return scored.sort((one, other) => other[1] - one[1]);
  }

  function symptomAnswers(data, text) {
    const quoted = matches(look(text, data.table), data.table);
    const entries = quoted.map((match) => match.saying.entry);
    const best = quoted.filter((match) => match.score.slice(0, 3).join() === quoted[0].score.slice(0, 3).join());
    const found = search(data.index, data.also, text);
    const fit = found.filter(([, score]) => score >= WEAK * found[0][1]).map(([number]) => number);
    const first = Array.from(new Set((best.length <= SEVERAL ? best.map((match) => match.saying.entry) : []).concat(fit)));
    return Array.from(new Set(first.slice(0, SEVERAL).concat(entries, first))).slice(0, MOST).map((number) => data.table.entries[number]);
  }

  // A short text without an exception may be a sentence: then its words are looked for.
  function answers(data, text) {
    const seen = look(text, data.table);
    const found = matches(seen, data.table).slice(0, MOST);
    if (found.length) return { asked: "text", entries: found.map((match) => data.table.entries[match.saying.entry]), first: found[0].saying };
    const isSentence = text.length <= 400 && !seen.exceptions.length && !seen.functions.size && text.trim().split("\n").length <= 3;
    if (!isSentence) return { asked: "text", entries: [], error: seen.exceptions[seen.exceptions.length - 1] };
    return { asked: "symptom", entries: symptomAnswers(data, text) };
  }

  function dataOf(json) {
    return { table: tableOf(json), index: lunr.Index.load(json.index), also: json.also };
  }

  window.tbcookbookDiagnose = { dataOf: dataOf, answers: answers, symptomAnswers: symptomAnswers, matches: matches, look: look };

  // The page

  function element(name, text, attributes) {
    const made = document.createElement(name);
    Object.assign(made, attributes || {});
    (text || "").split("`").forEach(function (part, number) {
      if (number % 2) made.append(Object.assign(document.createElement("code"), { textContent: part }));
      else made.append(part);
    });
    return made;
  }

  function link(root, entry) {
    return element("a", entry.title, { href: root + entry.page });
  }

  function recipe(root, answer) {
    const [entry, ...others] = answer.entries;
    const shown = [];
    const heading = element("p", "", { className: "diagnosis-title" });
    heading.append(link(root, entry));
    shown.push(heading);
    if (answer.first) shown.push(element("p", "Matched: " + answer.first.shown.slice(0, 200) + (answer.first.on && answer.first.on !== "*" ? " (" + answer.first.on + ")" : "")));
    if (answer.asked === "symptom") shown.push(element("p", "No error in this; by its words the nearest is:"));
    for (const [title, text] of Object.entries(entry.parts)) {
      shown.push(element("p", title, { className: "diagnosis-part" }));
      for (const block of text.split("\n\n")) shown.push(element("p", block));
    }
    if (entry.difference) shown.push(Object.assign(document.createElement("pre"), { textContent: entry.difference, tabIndex: 0 }));
    if (entry.kind === "pointer") {
      const list = document.createElement("ul");
      for (const source of entry.sources) list.append(Object.assign(document.createElement("li"), { innerHTML: "" })), list.lastChild.append(element("a", source, { href: source }));
      shown.push(list);
    }
    if (others.length) {
      shown.push(element("p", "It may also be:", { className: "diagnosis-part" }));
      const list = document.createElement("ul");
      for (const other of others) {
        const row = document.createElement("li");
        row.append(link(root, other));
        list.append(row);
      }
      shown.push(list);
    }
    return shown;
  }

  function nothing(root, answer) {
    const told = answer.error ? "Nothing here matches " + (answer.error.type + ": " + answer.error.message).slice(0, 160) : "Nothing here matches this.";
    const list = document.createElement("ul");
    for (const [text, page] of [
      ["Why a dashboard is empty: a tutorial", "tutorials/empty-dashboard.html"],
      ["Causes that are not run here", "pointers.html"],
      ["All errors", "errors.html"],
      ["Report an error that is missing", "how-to/report-a-missing-error.html"],
    ]) {
      const row = document.createElement("li");
      row.append(element("a", text, { href: root + page }));
      list.append(row);
    }
    return [element("p", told), list];
  }

  function setUp(form) {
    const field = form.querySelector("textarea"), told = form.querySelector("[aria-live]"), place = document.getElementById("diagnosis");
    const root = form.dataset.root;
    let data = null, asked = 0;

    function load() {
      data = data || fetch(root + "diagnosis.json").then((response) => response.json()).then(dataOf);
      return data;
    }

    async function show() {
      const number = ++asked, text = field.value;
      if (!text.trim()) {
        place.replaceChildren();
        told.textContent = "";
        return;
      }
      try {
        const all = await load();
        if (number !== asked) return;
        const answer = answers(all, text);
        place.replaceChildren(...(answer.entries.length ? recipe(root, answer) : nothing(root, answer)));
        told.textContent = answer.entries.length ? "First answer: " + answer.entries[0].title + ". " + answer.entries.length + " in all." : "Nothing matches.";
      } catch (problem) {
        data = null;
        told.textContent = "The table of errors cannot be loaded; the list of all errors can be searched instead.";
      }
    }

    field.addEventListener("focus", () => load().catch(() => (data = null)), { once: true });
    field.addEventListener("input", show);
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      show();
    });
    form.querySelector("button").textContent = "Find";
    if (field.value) show();
  }

  document.addEventListener("DOMContentLoaded", function () {
    const form = document.getElementById("diagnose");
    if (form) setUp(form);
  });
})();
