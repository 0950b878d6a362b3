// What changes between any two versions, from the data of upgrades.js. The lines and rows are those of
// src/tbcookbook/upgrade.py; a test of the site holds the two against each other.
(function () {
  "use strict";

  const NAMED = 3;
  const FEW = 0.2;
  const OF_SCRIPTS = ["stops", "stops otherwise", "runs", "does no harm", "fails", "is shown otherwise", "warns otherwise"];
  const NOT_RUN = "-";

  // The rows of correct code and of mistakes, and how many correct scripts were run on both.
  function compare(data, from, to) {
    const found = [new Map(), new Map()]; // mistakes, correct
    const examples = new Map();
    let compared = 0;
    for (const [name, correct, classes, pairs] of data.scripts) {
      const old = classes[from];
      const now = classes[to];
      if (old === NOT_RUN || now === NOT_RUN) continue;
      compared += correct;
      for (const number of pairs[old + now] || []) {
        const [kind, what, example] = data.effects[number];
        const key = JSON.stringify([kind, what]);
        if (!examples.has(key)) examples.set(key, example);
        if (!found[correct].has(key)) found[correct].set(key, { kind: kind, what: what, example: examples.get(key), scripts: [] });
        found[correct].get(key).scripts.push(name);
      }
    }
    const order = Object.keys(data.kinds);
    const sorted = found.map((rows) =>
      Array.from(rows.values()).sort(
        (a, b) =>
          order.indexOf(a.kind) - order.indexOf(b.kind) ||
          b.scripts.length - a.scripts.length ||
          (a.what < b.what ? -1 : a.what > b.what ? 1 : 0)
      )
    );
    return { correct: sorted[1], mistakes: sorted[0], compared: compared };
  }

  function scriptsOf(rows) {
    return new Set(rows.flatMap((row) => row.scripts));
  }

  function listed(names) {
    const found = Array.from(new Set(names));
    const more = found.length > NAMED ? " and " + (found.length - NAMED) + " more" : "";
    return found.slice(0, NAMED).map((name) => "`" + name + "`").join(", ") + more;
  }

  function lineOfCorrect(data, rows, compared) {
    if (!compared) return "Correct code: nothing was run on both.";
    if (!rows.length) return "Correct code logs what it logged: all " + compared + " scripts.";
    const stopped = rows.filter((row) => row.kind === "stops");
    if (stopped.length) {
      const names = listed(stopped.map((row) => row.what));
      const others = rows.filter((row) => row.kind !== "stops");
      const more = others.length ? " Otherwise: " + counted(data, others) + "." : "";
      return "Correct code stops: " + scriptsOf(stopped).size + " of " + compared + " scripts, with " + names + "." + more;
    }
    return "Correct code behaves otherwise: " + counted(data, rows) + ".";
  }

  // What becomes of how many things, by kind: "new: `a`, `b`".
  function counted(data, rows) {
    const parts = [];
    for (const [kind, words] of Object.entries(data.kinds)) {
      const mine = rows.filter((row) => row.kind === kind);
      if (!mine.length) continue;
      const number = scriptsOf(mine).size;
      const told = OF_SCRIPTS.includes(kind) ? number + " script" + (number > 1 ? "s" : "") : listed(mine.map((row) => row.what));
      parts.push(words + ": " + told);
    }
    return parts.join("; ");
  }

  function lineOfMistakes(rows) {
    if (!rows.length) return "Mistakes behave as they did.";
    const left = scriptsOf(rows);
    const parts = [];
    for (const [kind, words] of [["stops", "now stop with an error"], ["runs", "no longer stop"], ["does no harm", "do no harm any more"]]) {
      const mine = scriptsOf(rows.filter((row) => row.kind === kind));
      if (!mine.size) continue;
      parts.push(mine.size + " " + words);
      mine.forEach((name) => left.delete(name));
    }
    if (left.size) parts.push(left.size + " show in another way");
    return "Mistakes behave otherwise: " + parts.join(", ") + ".";
  }

  function lineBefore(data, from, to, found) {
    const targets = data.targets;
    const lacks = "tensorboard" in targets[from].versions && !("tensorboard" in targets[to].versions);
    const parts = [];
    if (lacks) parts.push("install `tensorboard` beside it: nothing brings it any more");
    const best = found.correct.length ? safeRoute(data, from, to, scriptsOf(found.correct).size) : null;
    if (best) {
      const { target: route, otherwise } = best;
      const but = otherwise ? ", but for " + otherwise + " script" + (otherwise > 1 ? "s" : "") : "";
      const variables = Object.entries(route.env).map(([name, value]) => " and `" + name + "=" + value + "`").join("");
      const command = "`pip install " + route.install.join(" ") + "`" + variables;
      parts.push("with " + command + " correct code logs what it logged" + but + " (`diff " + targets[from].name + " " + route.name + "`)");
    } else if (found.correct.length && !lacks) {
      parts.push("go through what changes for correct code, below");
    }
    if (parts.length) return "Before upgrading: " + parts.join("; ") + ".";
    return "Before upgrading: nothing." + (found.mistakes.length ? " A mistake that is in your code will look otherwise." : "");
  }

  function safeRoute(data, from, to, otherwise) {
    const wanted = data.targets[to].versions.tensorflow;
    if (!wanted || wanted === data.targets[from].versions.tensorflow) return null;
    let best = null;
    for (let place = 0; place < data.targets.length; place += 1) {
      if (place === to || data.targets[place].versions.tensorflow !== wanted) continue;
      const found = compare(data, from, place);
      const number = scriptsOf(found.correct).size;
      if (found.compared && (best === null || number < best.otherwise)) {
        best = { target: data.targets[place], otherwise: number };
      }
    }
    return best !== null && best.otherwise <= FEW * otherwise ? best : null;
  }

  // On the page

  function element(name, text, parent) {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (parent) parent.append(made);
    return made;
  }

  function inline(text, parent) {
    text.split("`").forEach((part, index) => (index % 2 ? element("code", part, parent) : parent.append(part)));
  }

  function rowsTable(data, title, rows, parent) {
    const table = element("table", "", parent);
    table.className = "effects";
    element("th", title, element("tr", "", element("thead", "", table))).scope = "col";
    const body = element("tbody", "", table);
    for (const row of rows) {
      const cell = element("td", "", element("tr", "", body));
      element("span", data.kinds[row.kind], cell).className = "effect";
      cell.append(" ");
      element("code", row.what, cell);
      element("br", "", cell);
      if (row.example) {
        element("small", row.example, cell);
        element("br", "", cell);
      }
      let place = cell;
      if (row.scripts.length > 3) {
        place = element("details", "", cell);
        element("summary", "in " + row.scripts.length + " scripts", place);
      }
      row.scripts.forEach(function (name, index) {
        if (index) place.append(", ");
        element("a", name, place).href = "../" + data.pages[name.split("/")[0]] + ".html";
      });
    }
    if (!rows.length) element("td", "As before.", element("tr", "", body));
  }

  function show(data, from, to, title, parent) {
    if (title) element("h3", title, parent);
    const found = compare(data, from, to);
    const lines = element("ul", "", parent);
    lines.className = "lines";
    for (const line of [
      lineOfCorrect(data, found.correct, found.compared),
      lineOfMistakes(found.mistakes),
      lineBefore(data, from, to, found),
    ]) {
      inline(line, element("li", "", lines));
    }
    const versions = [data.targets[from].versions, data.targets[to].versions];
    const others = data.beside.filter((name) => versions[0][name] !== versions[1][name]);
    const major = (name) => (versions[0][name] || "none").split(".")[0] !== (versions[1][name] || "none").split(".")[0];
    others.sort((a, b) => major(b) - major(a));
    if (others.length) {
      const line = element("p", "Also other than before: ", parent);
      others.forEach(function (name, index) {
        if (index) line.append(", ");
        element(major(name) ? "strong" : "span", name + " " + (versions[0][name] || "none") + " → " + (versions[1][name] || "none"), line);
      });
      line.append(".");
    }
    if (found.correct.length || found.mistakes.length) {
      const both = element("div", "", parent);
      both.className = "effects";
      rowsTable(data, "Correct code", found.correct, both);
      rowsTable(data, "Mistakes", found.mistakes, both);
    }
  }

  function setUp(form, into, data) {
    const names = data.targets.map((target) => target.name);
    for (const select of [form.elements.from, form.elements.to]) {
      data.targets.forEach((target) => element("option", target.words, select).setAttribute("value", target.name));
    }

    function restore() {
      const state = new URLSearchParams(location.search);
      const current = data.targets.findIndex((target) => target.current);
      form.elements.from.value = names.includes(state.get("from")) ? state.get("from") : "tf-2.15";
      form.elements.to.value = names.includes(state.get("to")) ? state.get("to") : names[current === -1 ? names.length - 1 : current];
      if (form.elements.from.selectedIndex === -1) form.elements.from.selectedIndex = 0;
    }

    function pick() {
      into.replaceChildren();
      const from = form.elements.from.selectedIndex;
      const to = form.elements.to.selectedIndex;
      if (from === to) {
        element("p", "Twice the same.", into);
        return;
      }
      const plain = [from, to].map((place) => (data.targets[place].plain === null ? place : data.targets[place].plain));
      if (plain[0] !== from || plain[1] !== to) {
        show(data, plain[0], plain[1], "What pip installs", into);
        show(data, from, to, "With the exact versions of the registry", into);
      } else {
        show(data, from, to, "", into);
      }
    }

    form.addEventListener("input", function () {
      pick();
      const state = new URLSearchParams({ from: form.elements.from.value, to: form.elements.to.value });
      history.replaceState(null, "", location.pathname + "?" + state + location.hash);
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
    restore();
    pick();
  }

  document.addEventListener("DOMContentLoaded", function () {
    const form = document.getElementById("picker");
    if (form && window.UPGRADES) setUp(form, document.getElementById("picked"), window.UPGRADES);
  });
})();
