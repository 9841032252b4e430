// What every page needs: its words, texts by language, and safe ways to build elements, to store and to load.
(function () {
  "use strict";
  const blob = document.getElementById("words");
  const motcua = (window.motcua = window.motcua || /** @type {any} */ ({}));

  motcua.words = blob ? JSON.parse(blob.textContent || "{}") : {};
  motcua.language = document.documentElement.lang || "vi";

  motcua.byId = (id) => document.getElementById(id);

  // A text of the server, {"vi": …, "en": …}, in the language asked for, else in English, else in Vietnamese.
  motcua.textOf = function (texts, language) {
    if (!texts) return "";
    if (typeof texts === "string") return texts;
    return texts[language || motcua.language] || texts.en || texts.vi || "";
  };

  // "Counter {counter}" with {counter: 3} -> "Counter 3".
  motcua.format = (pattern, values) =>
    pattern.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));

  // crypto.randomUUID exists only over https and on localhost; counters often reach the server by plain http.
  motcua.newRequestId = function () {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  motcua.createElement = function (tag, className, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined && text !== null) element.textContent = String(text);
    return element;
  };

  // Writes only what differs: an unchanged page is not laid out again.
  motcua.setText = function (element, text) {
    const value = String(text);
    if (element.textContent !== value) element.textContent = value;
  };

  // Starts a CSS animation anew.
  motcua.restartAnimation = function (element, className) {
    element.classList.remove(className);
    void element.offsetWidth;
    element.classList.add(className);
  };

  motcua.clear = function (element) {
    while (element.firstChild) element.removeChild(element.firstChild);
  };

  // Small things that the browser may remember; one that forbids it only forgets.
  motcua.storageGet = function (key, storage) {
    try {
      return (storage || localStorage).getItem(key);
    } catch (error) {
      return null;
    }
  };
  motcua.storageSet = function (key, value, storage) {
    try {
      if (value === null) (storage || localStorage).removeItem(key);
      else (storage || localStorage).setItem(key, value);
    } catch (error) {
      // Nothing depends on it.
    }
  };

  // null: no JSON.
  motcua.parseJson = function (text) {
    try {
      return JSON.parse(text);
    } catch (error) {
      return null;
    }
  };

  // A value in the tab's own storage, which a reload keeps: two windows of one computer each have their own.
  motcua.sessionMemory = (key) => ({
    load: () => motcua.parseJson(motcua.storageGet(key, sessionStorage) || "null"),
    save: (value) => motcua.storageSet(key, value === null ? null : JSON.stringify(value), sessionStorage),
  });

  // The body of a good response; rejects for any other.
  motcua.getJson = (url, options) =>
    fetch(url, Object.assign({ headers: { Accept: "application/json" } }, options)).then((response) =>
      response.ok ? response.json() : Promise.reject(new Error(String(response.status))),
    );

  // Runs at once, then at most every `interval` milliseconds and never twice at a time; a call made meanwhile runs once
  // afterwards.
  motcua.throttle = function (run, interval) {
    let isRequested = false;
    let isRunning = false;
    const start = function () {
      isRequested = false;
      isRunning = true;
      const pause = new Promise((resolve) => void setTimeout(resolve, interval));
      Promise.all([Promise.resolve(run()).catch(() => {}), pause]).then(() => {
        isRunning = false;
        if (isRequested) start();
      });
    };
    return function () {
      if (isRunning) isRequested = true;
      else start();
    };
  };
})();
