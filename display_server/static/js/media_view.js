// Pictures and videos one after the other, and the running line. What cannot be shown is skipped and reported.
(function () {
  "use strict";
  const motcua = window.motcua;
  const { byId, createElement } = motcua;

  const POLL_MS = 60000;
  // A video that has not moved for so long is broken, or too much for this screen.
  const STUCK_MS = 10000;
  const BROKEN_RETRY_MS = 15 * 60000;
  const LETTERS_PER_SECOND = 8;

  class MediaView {
    constructor({ url, pictureSeconds, onProblem, onNews }) {
      this.url = url;
      this.pictureMs = pictureSeconds * 1000;
      this.onProblem = onProblem;
      this.onNews = onNews;
      this.items = [];
      this.next = 0;
      this.broken = new Map();
      this.isPlaying = false;
      this.poll();
    }

    poll() {
      motcua
        .getJson(this.url)
        .then((media) => this.update(media))
        .catch(() => {}) // asked again
        .then(() => setTimeout(() => this.poll(), POLL_MS));
    }

    update(media) {
      this.items = media.items;
      this.onNews(media);
      media.skipped.forEach((file) => this.onProblem(file.name + ": " + file.reason));
      this.runLine(media.announcements.map((text) => motcua.textOf(text)).join("  •  "));
      if (!this.isPlaying) this.play();
    }

    runLine(text) {
      byId("ticker").hidden = !text;
      motcua.setText(byId("ticker-words"), text);
      byId("ticker-words").style.setProperty("animation-duration", Math.max(12, text.length / LETTERS_PER_SECOND + 12) + "s");
    }

    address(item) {
      const [path, query] = this.url.split("?");
      return path + "/" + encodeURIComponent(item.name) + "?v=" + item.version + (query ? "&" + query : "");
    }

    isBroken(item) {
      return performance.now() - this.broken.get(this.address(item)) < BROKEN_RETRY_MS;
    }

    // The next one in the folder's order that is not known to be broken.
    choose() {
      for (let count = 0; count < this.items.length; count += 1) {
        const item = this.items[this.next % this.items.length];
        this.next = (this.next % this.items.length) + 1;
        if (!this.isBroken(item)) return item;
      }
      return null;
    }

    play() {
      const item = this.choose();
      this.isPlaying = item !== null;
      if (!item) return this.idle();
      const shown = item.kind === "video" ? this.video(item) : this.picture(item);
      return shown.catch(() => this.skip(item)).then(() => this.play());
    }

    // Nothing to show: the board of the hall, which says more than an empty frame.
    idle() {
      motcua.clear(byId("media"));
      this.layOut("board");
    }

    layOut(layout) {
      if (document.body.dataset.layout === layout) return;
      document.body.dataset.layout = layout;
      byId("media").hidden = layout === "board";
      window.dispatchEvent(new Event("resize"));
    }

    skip(item) {
      this.broken.set(this.address(item), performance.now());
      this.onProblem(item.name + ": cannot be shown");
    }

    picture(item) {
      return new Promise((resolve, reject) => {
        const picture = createElement("img");
        picture.alt = "";
        picture.onerror = reject;
        picture.onload = () => {
          this.put(picture);
          setTimeout(resolve, this.pictureMs);
        };
        picture.src = this.address(item);
      });
    }

    video(item) {
      return new Promise((resolve, reject) => {
        const video = createElement("video");
        video.muted = true;
        video.autoplay = true;
        video.setAttribute("playsinline", "");
        let lastProgressAt = performance.now();
        const watchdog = setInterval(() => {
          if (performance.now() - lastProgressAt > STUCK_MS) end(reject);
        }, 1000);
        const end = (how) => {
          clearInterval(watchdog);
          video.onended = video.onerror = video.ontimeupdate = null;
          video.pause();
          how();
          // Gives the decoder's memory back at once.
          video.removeAttribute("src");
          video.load();
        };
        video.ontimeupdate = () => {
          lastProgressAt = performance.now();
        };
        video.onended = () => end(resolve);
        video.onerror = () => end(reject);
        video.src = this.address(item);
        this.put(video);
        const playing = video.play();
        if (playing) playing.catch(() => end(reject));
      });
    }

    put(element) {
      const media = byId("media");
      this.layOut("media");
      motcua.clear(media);
      media.appendChild(element);
    }
  }

  motcua.MediaView = MediaView;
})();
