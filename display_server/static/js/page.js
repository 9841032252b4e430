// What every page needs: its words, texts by language, and safe ways to build elements.
(function () {
  "use strict";
  const motcua = (window.motcua = window.motcua || {});
  const blob = document.getElementById("words");

  motcua.words = blob ? JSON.parse(blob.textContent) : {};
  motcua.language = document.documentElement.lang || "vi";

  motcua.byId = (id) => document.getElementById(id);

  // A text of the server, {"vi": …, "en": …}, in the language asked for, else in English, else in Vietnamese.
  motcua.textOf = function (texts, language) {
    if (!texts) return "";
    if (typeof texts === "string") return texts;
    return texts[language || motcua.language] || texts.en || texts.vi || "";
  };

  // "Counter {counter}" with {counter: 3} -> "Counter 3".
  motcua.fill = (pattern, values) =>
    pattern.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));

  // crypto.randomUUID exists only over https and on localhost; counters often reach the server by plain http.
  motcua.newRequestId = function () {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  motcua.make = function (tag, className, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined && text !== null) element.textContent = text;
    return element;
  };

  // Writes only what differs: an unchanged screen is not laid out again.
  motcua.write = function (element, text) {
    const wanted = String(text);
    if (element.textContent !== wanted) element.textContent = wanted;
  };

  // Small things that the browser may remember; one that forbids it only forgets.
  motcua.recall = function (key, storage) {
    try {
      return (storage || localStorage).getItem(key);
    } catch (error) {
      return null;
    }
  };
  motcua.note = function (key, value, storage) {
    try {
      if (value === null) (storage || localStorage).removeItem(key);
      else (storage || localStorage).setItem(key, value);
    } catch (error) {
      // Nothing depends on it.
    }
  };

  // Starts a CSS animation anew.
  motcua.drawEye = function (element, className) {
    element.classList.remove(className);
    void element.offsetWidth;
    element.classList.add(className);
  };

  motcua.empty = function (element) {
    while (element.firstChild) element.removeChild(element.firstChild);
  };
})();
