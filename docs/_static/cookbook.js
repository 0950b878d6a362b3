// The error index: filter by words, chapter, exception and version, with the state in the address.
// Without this script the whole table is there to read.
(function () {
  "use strict";

  const SELECTS = ["chapter", "type", "tensorflow", "keras"];

  function setUpFilter(form) {
    const rows = Array.from(document.querySelectorAll("#errors tbody tr"), function (row) {
      return { row: row, text: row.textContent.toLowerCase() };
    });
    const count = document.getElementById("error-count");

    function matches(entry, words) {
      const data = entry.row.dataset;
      return (
        words.every((word) => entry.text.includes(word)) &&
        SELECTS.every(function (name) {
          const wanted = form.elements[name].value;
          return wanted === "" || data[name].split(" ").includes(wanted);
        })
      );
    }

    function filter() {
      const words = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const entry of rows) {
        const match = matches(entry, words);
        entry.row.hidden = !match;
        shown += match;
      }
      count.textContent = shown ? shown + " of " + rows.length + " errors" : "No error has all of this.";
    }

    function remember() {
      const state = new URLSearchParams();
      for (const [name, value] of new FormData(form)) {
        if (value.trim()) state.set(name, value);
      }
      const query = state.toString();
      history.replaceState(null, "", location.pathname + (query ? "?" + query : "") + location.hash);
    }

    function restore() {
      const state = new URLSearchParams(location.search);
      for (const name of ["q"].concat(SELECTS)) {
        form.elements[name].value = state.get(name) || "";
        if (form.elements[name].selectedIndex === -1) form.elements[name].value = "";
      }
    }

    function changed() {
      filter();
      remember();
    }

    form.addEventListener("input", changed);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(changed));
    window.addEventListener("popstate", function () {
      restore();
      filter();
    });
    form.hidden = false;
    restore();
    filter();
  }

  function focusOnSlash(field) {
    document.addEventListener(
      "keydown",
      function (event) {
        const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
        if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        field.focus();
        field.select();
      },
      true
    );
  }

  // A block that scrolls sideways can be reached and scrolled with the keyboard.
  function makeScrollersReachable() {
    for (const block of document.querySelectorAll("pre, .table-wrapper")) {
      if (block.scrollWidth > block.clientWidth || block.scrollHeight > block.clientHeight) {
        block.tabIndex = 0;
      }
    }
  }

  // Pictures that stand side by side are small: each leads to itself.
  function makePicturesLinks() {
    for (const picture of document.querySelectorAll(".pictures img")) {
      const link = document.createElement("a");
      link.href = picture.src;
      picture.replaceWith(link);
      link.append(picture);
    }
  }

  document.addEventListener("DOMContentLoaded", function () {
    makePicturesLinks();
    const form = document.getElementById("error-filter");
    if (form) setUpFilter(form);
    const field = document.getElementById("error-search");
    if (field) focusOnSlash(field);
    makeScrollersReachable();
    window.addEventListener("resize", makeScrollersReachable);
    document.addEventListener("toggle", makeScrollersReachable, true);
  });
})();
