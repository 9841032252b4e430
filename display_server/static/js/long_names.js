// Long official names: a short one where space is short, "…" behind a whole word where even that has no room, and, on
// pages that are touched, all of it on request.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { createElement, textOf } = motcua;

  const POLL_MS = 1000;
  const LONG = 60; // letters, as in config/centre/long_names.py
  const TRAILING_PUNCTUATION = /[\s,;:.\-–·(]+$/;
  // Compared with single UTF-16 units: the halves of a pair count as marks.
  // eslint-disable-next-line no-misleading-character-class
  const MARKS = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u200d\u20d0-\u20ff\ufe00-\ufe0f\udc00-\udfff]/;

  // {"name": …, "short": …} in the language: the short name, else the official one.
  motcua.shortOf = function (one, language) {
    if (!one) return "";
    return textOf(Object.assign({}, one.name, one.short), language);
  };

  const fitted = new Map(); // element -> the whole text

  function overflows(element) {
    return element.scrollHeight > element.clientHeight + 1 || element.scrollWidth > element.clientWidth + 1;
  }

  // The most of `parts` that fit, by halving.
  function fitParts(element, parts, joint) {
    const shown = (count) => parts.slice(0, count).join(joint).replace(TRAILING_PUNCTUATION, "") + "…";
    let low = 0;
    let high = parts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      element.textContent = shown(middle);
      if (overflows(element)) high = middle - 1;
      else low = middle;
    }
    if (low) element.textContent = shown(low);
    return low;
  }

  // A letter with the marks on it, and both halves of a sign beyond the first plane, stay together.
  function letters(word) {
    const found = [];
    word.split("").forEach((unit) => {
      if (found.length && (MARKS.test(unit) || /\u200d$/.test(found[found.length - 1]))) found[found.length - 1] += unit;
      else found.push(unit);
    });
    return found;
  }

  function layOut(element, text) {
    element.textContent = text;
    element.removeAttribute("aria-label");
    if (!element.clientWidth || !overflows(element)) return;
    const words = text.split(" ");
    if (!fitParts(element, words, " ")) {
      const few = letters(words[0]);
      if (!fitParts(element, few, "")) element.textContent = "…";
    }
    element.setAttribute("aria-label", text);
  }

  const keyOf = (element, text) => [text, element.clientWidth, element.clientHeight, overflows(element)].join("|");

  function forget(element) {
    fitted.delete(element);
  }

  // Writes `text` into a box of bounded height and width; again whenever the box has changed.
  motcua.fit = function (element, text) {
    const known = fitted.get(element);
    if (known && known.text === text && known.key === keyOf(element, text)) return;
    layOut(element, text);
    fitted.set(element, { text, key: keyOf(element, text) });
  };

  // Writes `text` as it is, also later.
  motcua.unfit = function (element, value) {
    const text = String(value);
    forget(element);
    element.removeAttribute("aria-label");
    if (element.textContent !== text) element.textContent = text;
  };

  motcua.refitAll = function () {
    fitted.forEach((one, element) => {
      if (document.documentElement.contains(element)) motcua.fit(element, one.text);
      else forget(element);
    });
  };

  // A name for a table or a card: plain where it is short, else its short form that opens to all of it. `key`: what
  // tells it apart on the page, so that it stays open when the page draws it again.
  const open = new Set();
  motcua.named = function (one, key, language) {
    const whole = textOf(one.name, language);
    const shown = motcua.shortOf(one, language);
    if (shown === whole && whole.length <= LONG) return document.createTextNode(whole);
    const details = createElement("details", "whole-name");
    details.open = open.has(key);
    const summary = details.appendChild(createElement("summary"));
    summary.dataset.key = key;
    summary.appendChild(createElement("span", "whole-name-short", shown));
    details.appendChild(createElement("p", "", whole));
    details.addEventListener("toggle", () => (details.open ? open.add(key) : open.delete(key)));
    return details;
  };

  const boxes = (part, selector) => /** @type {NodeListOf<HTMLElement>} */ (part.querySelectorAll(selector));

  // The data of the element that has the focus, if it is within `part`.
  motcua.focusedIn = function (part, name) {
    const { activeElement } = document;
    return activeElement instanceof HTMLElement && part.contains(activeElement) ? activeElement.dataset[name] : undefined;
  };

  // Draws a part of the page anew; a name that had the focus has it again.
  motcua.keepFocus = function (part, draw) {
    const focusedKey = motcua.focusedIn(part, "key");
    draw();
    boxes(part, ".whole-name-short").forEach((short) => motcua.fit(short, short.textContent || ""));
    if (!focusedKey) return;
    boxes(part, "summary").forEach((summary) => {
      if (summary.dataset.key === focusedKey) summary.focus();
    });
  };

  // Two lines of text at most for a name in a list of choices, which cannot be opened.
  motcua.optionText = function (one) {
    const text = motcua.shortOf(one);
    if (text.length <= LONG) return text;
    const words = text.slice(0, LONG + 1).split(" ");
    return (words.length > 1 ? words.slice(0, -1).join(" ") : letters(text).slice(0, LONG).join("")).replace(TRAILING_PUNCTUATION, "") + "…";
  };

  boxes(document, ".whole-name-short, [data-fit]").forEach((one) => motcua.fit(one, one.textContent || ""));
  // Once a frame, after everybody else: screens set the size of their type by the window's, and what stands beside a box
  // changes its width. Browsers of televisions cannot watch a box itself.
  let frame = 0;
  const fitSoon = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(motcua.refitAll);
  };
  window.addEventListener("resize", fitSoon);
  document.addEventListener("load", fitSoon, true);
  const changes = { subtree: true, childList: true, attributes: true, attributeFilter: ["hidden", "class", "style"] };
  new MutationObserver(fitSoon).observe(document.documentElement, changes);
  setInterval(motcua.refitAll, POLL_MS);
  if (document.fonts) document.fonts.ready.then(motcua.refitAll);
})();
