// Long official names: a short one where space is short, "…" behind a whole word where even that has no room, and, on
// pages that are touched, all of it on request.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { make, textOf } = motcua;

  const LOOK_EVERY = 1000;
  const LONG = 60; // letters, as in config/centre/long_names.py
  const LOOSE_ENDS = /[\s,;:.\-–·(]+$/;
  const MARKS = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u200d\u20d0-\u20ff\ufe00-\ufe0f\udc00-\udfff]/;

  // {"name": …, "short": …} in the language: the short name, else the official one.
  motcua.shortOf = function (one, language) {
    if (!one) return "";
    return textOf(Object.assign({}, one.name, one.short), language);
  };

  const fitted = new Map(); // element -> the whole text

  function isOutside(element) {
    return element.scrollHeight > element.clientHeight + 1 || element.scrollWidth > element.clientWidth + 1;
  }

  // The most of `parts` that fit, by halving.
  function mostThatFit(element, parts, joint) {
    const shown = (count) => parts.slice(0, count).join(joint).replace(LOOSE_ENDS, "") + "…";
    let low = 0;
    let high = parts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      element.textContent = shown(middle);
      if (isOutside(element)) high = middle - 1;
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

  function lay(element, text) {
    element.textContent = text;
    element.removeAttribute("aria-label");
    if (!element.clientWidth || !isOutside(element)) return;
    const words = text.split(" ");
    if (!mostThatFit(element, words, " ")) {
      const few = letters(words[0]);
      if (!mostThatFit(element, few, "")) element.textContent = "…";
    }
    element.setAttribute("aria-label", text);
  }

  const keyOf = (element, text) => [text, element.clientWidth, element.clientHeight, isOutside(element)].join("|");

  function forget(element) {
    fitted.delete(element);
  }

  // Writes `text` into a box of bounded height and width; again whenever the box has changed.
  motcua.fit = function (element, text) {
    const known = fitted.get(element);
    if (known && known.text === text && known.key === keyOf(element, text)) return;
    lay(element, text);
    fitted.set(element, { text, key: keyOf(element, text) });
  };

  // Writes `text` as it is, also later.
  motcua.unfit = function (element, text) {
    forget(element);
    element.removeAttribute("aria-label");
    if (element.textContent !== String(text)) element.textContent = text;
  };

  motcua.fitAgain = function () {
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
    const details = make("details", "whole-name");
    details.open = open.has(key);
    const summary = details.appendChild(make("summary"));
    summary.dataset.key = key;
    summary.appendChild(make("span", "whole-name-short", shown));
    details.appendChild(make("p", "", whole));
    details.addEventListener("toggle", () => (details.open ? open.add(key) : open.delete(key)));
    return details;
  };

  // Draws a part of the page anew; a name that had the focus has it again.
  motcua.keepFocus = function (part, draw) {
    const held = part.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    draw();
    part.querySelectorAll(".whole-name-short").forEach((short) => motcua.fit(short, short.textContent));
    if (!held) return;
    part.querySelectorAll("summary").forEach((summary) => {
      if (summary.dataset.key === held) summary.focus();
    });
  };

  // Two lines of text at most for a name in a list of choices, which cannot be opened.
  motcua.optionText = function (one) {
    const text = motcua.shortOf(one);
    if (text.length <= LONG) return text;
    const words = text.slice(0, LONG + 1).split(" ");
    return (words.length > 1 ? words.slice(0, -1).join(" ") : letters(text).slice(0, LONG).join("")).replace(LOOSE_ENDS, "") + "…";
  };

  const fitAll = () => document.querySelectorAll(".whole-name-short, [data-fit]").forEach((one) => motcua.fit(one, (fitted.get(one) || {}).text || one.textContent));
  fitAll();
  // Once a frame, after everybody else: screens set the size of their type by the window's, and what stands beside a box
  // changes its width. Browsers of televisions cannot watch a box itself.
  let frame = 0;
  const fitSoon = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(motcua.fitAgain);
  };
  window.addEventListener("resize", fitSoon);
  document.addEventListener("load", fitSoon, true);
  const changes = { subtree: true, childList: true, attributes: true, attributeFilter: ["hidden", "class", "style"] };
  new MutationObserver(fitSoon).observe(document.documentElement, changes);
  setInterval(motcua.fitAgain, LOOK_EVERY);
  if (document.fonts) document.fonts.ready.then(motcua.fitAgain);
})();
