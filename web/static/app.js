// What makes pages handier where scripts run. Every page works without.
"use strict";

(() => {
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const language = document.documentElement.lang;
  const zone = document.documentElement.dataset.zone;

  // --- A form is sent once ---------------------------------------------------------------------
  // Buttons are disabled after the browser has gathered the form's data, so that the pressed one's
  // value is sent too. Coming back to the page makes them usable again.

  function guardDoubleSubmit() {
    document.addEventListener("submit", (event) => {
      const form = event.target;
      if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-repeatable")) return;
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "yes";
      setTimeout(() => buttonsOf(form).forEach((button) => {
        button.disabled = true;
        if (button === event.submitter) button.setAttribute("aria-busy", "true");
      }));
    });
    window.addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      buttonsOf(form).forEach((button) => {
        button.disabled = false;
        button.removeAttribute("aria-busy");
      });
    }));
  }

  const buttonsOf = (form) => Array.from(form.elements).filter((element) => element.type === "submit");

  // --- data-confirm: ask before sending ----------------------------------------------------------

  function askFirst() {
    const dialog = document.getElementById("confirm");
    if (!dialog || !dialog.showModal) return;
    document.addEventListener("submit", (event) => {
      const form = event.target;
      const question = (event.submitter && event.submitter.dataset.confirm) || form.dataset.confirm;
      if (!question || form.dataset.confirmed) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      dialog.querySelector("#confirm-text").textContent = question;
      dialog.returnValue = "";
      dialog.addEventListener("close", () => {
        if (dialog.returnValue !== "yes") return;
        form.dataset.confirmed = "yes";
        form.requestSubmit(event.submitter);
        delete form.dataset.confirmed;
      }, { once: true });
      dialog.showModal();
    });
  }

  // --- data-live: parts of a page that follow a stream ----------------------------------------------
  // <div data-live="/fragment" data-live-source="/stream">: whenever the stream says something, the
  // fragment is fetched anew and put in place of the old one. A page in the background lets go of the
  // stream (browsers allow few connections to one server) and catches up when it is looked at again.

  const RETRY_FIRST = 1000;
  const RETRY_LONGEST = 30000;

  function followStreams() {
    const groups = new Map();
    all("[data-live][data-live-source]").forEach((part) => {
      const source = part.dataset.liveSource;
      groups.set(source, [...(groups.get(source) || []), part]);
    });
    groups.forEach((parts, source) => follow(source, parts));
  }

  function follow(source, parts) {
    let stream = null;
    let timer = null;
    let wait = RETRY_FIRST;
    let missed = false;

    const refreshAll = () => parts.forEach(refresh);

    function open() {
      if (stream || document.hidden) return;
      clearTimeout(timer);
      stream = new EventSource(source);
      stream.onopen = () => {
        wait = RETRY_FIRST;
        showLiveState(true);
        if (missed) refreshAll();
        missed = false;
      };
      stream.onmessage = refreshAll;
      stream.addEventListener("changed", refreshAll);
      stream.onerror = () => {
        missed = true;
        showLiveState(false);
        // The browser itself tries again after a broken connection, but not after a refused one.
        if (stream.readyState !== EventSource.CLOSED) return;
        stream = null;
        timer = setTimeout(open, wait);
        wait = Math.min(wait * 2, RETRY_LONGEST);
      };
    }

    function close() {
      clearTimeout(timer);
      missed = true;
      if (stream) stream.close();
      stream = null;
    }

    document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
    window.addEventListener("pagehide", close);
    window.addEventListener("pageshow", open);
    open();
  }

  function showLiveState(isOn) {
    all("[data-live-state]").forEach((state) => {
      state.hidden = false;
      state.querySelector("[data-on]").hidden = !isOn;
      state.querySelector("[data-off]").hidden = isOn;
    });
  }

  async function refresh(part) {
    if (part.dataset.busy) {
      part.dataset.again = "yes";
      return;
    }
    part.dataset.busy = "yes";
    try {
      const headers = { "X-Fragment": "1", Accept: "text/html" };
      const response = await fetch(part.dataset.live, { headers, redirect: "error" });
      if (response.status === 401) window.location.reload();
      if (response.ok) replaceContent(part, await response.text());
    } catch {
      showLiveState(false);
    } finally {
      delete part.dataset.busy;
    }
    if (part.dataset.again) {
      delete part.dataset.again;
      refresh(part);
    }
  }

  function replaceContent(part, html) {
    if (part.liveHtml === html) return;
    part.liveHtml = html;
    const focus = rememberFocus(part);
    const scrolls = all("*", part).filter((box) => box.scrollLeft || box.scrollTop)
      .map((box) => [pathTo(part, box), box.scrollLeft, box.scrollTop]);
    const opened = all("details[id][open]", part).map((details) => details.id);
    const [x, y] = [window.scrollX, window.scrollY];
    part.innerHTML = html;
    opened.forEach((id) => { const details = document.getElementById(id); if (details) details.open = true; });
    scrolls.forEach(([path, left, top]) => {
      const box = at(part, path);
      if (box) box.scrollTo(left, top);
    });
    focus();
    window.scrollTo(x, y);
    part.classList.remove("live-changed");
    void part.offsetWidth; // lets the animation start again
    part.classList.add("live-changed");
    part.dispatchEvent(new CustomEvent("live:replaced", { bubbles: true }));
    enhance(part);
  }

  function rememberFocus(part) {
    const old = document.activeElement;
    if (!old || old === part || !part.contains(old)) return () => {};
    const path = pathTo(part, old);
    const isField = old.matches('input:not([type="file"]), textarea, select');
    const value = isField ? old.value : null;
    const range = isField && typeof old.selectionStart === "number" ? [old.selectionStart, old.selectionEnd] : null;
    return () => {
      const found = (old.id && document.getElementById(old.id)) || at(part, path);
      if (!found) return;
      if (isField && found.matches("input, textarea, select")) found.value = value;
      found.focus({ preventScroll: true });
      if (range && found.setSelectionRange) found.setSelectionRange(...range);
    };
  }

  function pathTo(root, element) {
    const path = [];
    for (let node = element; node !== root; node = node.parentElement) {
      path.unshift(Array.prototype.indexOf.call(node.parentElement.children, node));
    }
    return path;
  }

  const at = (root, path) => path.reduce((node, index) => node && node.children[index], root);

  // --- Times --------------------------------------------------------------------------------------
  // Pages show the community's time. Where this device keeps another, its own is told on hovering.

  const pad = (number) => String(number).padStart(2, "0");

  function wallClock(moment, timeZone) {
    const options = { timeZone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };
    const parts = Object.fromEntries(new Intl.DateTimeFormat("en", options).formatToParts(moment).map((part) => [part.type, part.value]));
    return `${parts.year}-${pad(parts.month)}-${pad(parts.day)}T${pad(parts.hour)}:${pad(parts.minute)}`;
  }

  function tellDeviceTimes(root) {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    all("time[data-when]", root).forEach((time) => {
      const moment = new Date(time.dateTime);
      if (Number.isNaN(moment.getTime())) return;
      const here = wallClock(moment, own);
      const there = wallClock(moment, zone);
      time.title = here === there ? relative(moment) : `${relative(moment)} · ${here.replace("T", " ")} (${own})`;
    });
  }

  const UNITS = [["year", 31557600], ["month", 2629800], ["day", 86400], ["hour", 3600], ["minute", 60]];

  function relative(moment) {
    const seconds = Math.round((moment - Date.now()) / 1000);
    const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
    const found = UNITS.find(([, length]) => Math.abs(seconds) >= length);
    return found ? format.format(Math.trunc(seconds / found[1]), found[0]) : format.format(0, "minute");
  }

  function helpWithMoments(root) {
    all("[data-moment]", root).forEach((box) => {
      const input = box.querySelector("input");
      const hint = box.parentElement.querySelector("[data-moment-hint]");
      const tell = () => {
        const told = input.value;
        hint.hidden = !told;
        if (!told) return;
        // Both are read as if on one clock, so that only the difference between them counts.
        const difference = new Date(`${told}Z`) - new Date(`${wallClock(new Date(), zone)}Z`);
        // A time to plan for may lie ahead, and is then not remarked upon.
        const isFuture = difference > 0 && Boolean(box.dataset.futureText);
        hint.textContent = relative(new Date(Date.now() + difference)) + (isFuture ? ` · ${box.dataset.futureText}` : "");
        hint.classList.toggle("over", isFuture);
      };
      const now = document.createElement("button");
      now.type = "button";
      now.textContent = box.dataset.nowText;
      now.addEventListener("click", () => { input.value = wallClock(new Date(), zone); tell(); });
      box.append(now);
      input.addEventListener("input", tell);
      tell();
    });
  }

  // --- Long texts: how many characters are left ------------------------------------------------------

  function countCharacters(root) {
    all("textarea[data-limit]", root).forEach((area) => {
      const counter = area.parentElement.querySelector("[data-counter]");
      const limit = Number(area.dataset.limit);
      const numbers = new Intl.NumberFormat(language);
      const tell = () => {
        const left = limit - Array.from(area.value.trim()).length;
        const text = left < 0 ? counter.dataset.over : counter.dataset.left;
        counter.textContent = text.replace("{n}", numbers.format(Math.abs(left)));
        counter.classList.toggle("over", left < 0);
      };
      area.addEventListener("input", tell);
      tell();
    });
  }

  // --- A signature drawn on the screen becomes the file that the form sends -----------------------------

  // <div data-drawing="id of a file field" hidden><canvas></canvas><button type="button"></button></div>
  function takeDrawings() {
    all("[data-drawing]").forEach((box) => {
      const canvas = box.querySelector("canvas");
      const input = document.getElementById(box.dataset.drawing);
      const pen = canvas.getContext("2d");
      const clear = () => {
        canvas.width = canvas.clientWidth;
        canvas.height = canvas.clientHeight;
        pen.fillStyle = "#fff";
        pen.fillRect(0, 0, canvas.width, canvas.height);
        Object.assign(pen, { lineWidth: 2.5, lineCap: "round", lineJoin: "round" });
      };
      const place = (event) => [event.offsetX, event.offsetY];
      const keep = () => canvas.toBlob((blob) => {
        const files = new DataTransfer();
        files.items.add(new File([blob], `${box.dataset.name}.png`, { type: "image/png" }));
        input.files = files.files;
      }, "image/png");
      box.hidden = false;
      clear();
      canvas.addEventListener("pointerdown", (event) => {
        canvas.setPointerCapture(event.pointerId);
        pen.beginPath();
        pen.moveTo(...place(event));
      });
      canvas.addEventListener("pointermove", (event) => {
        if (!canvas.hasPointerCapture(event.pointerId)) return;
        pen.lineTo(...place(event));
        pen.stroke();
      });
      canvas.addEventListener("pointerup", keep);
      box.querySelector("button").addEventListener("click", () => { clear(); input.value = ""; });
    });
  }

  // --- Filters apply themselves; errors come into view -------------------------------------------------

  function applyFilters() {
    document.addEventListener("change", (event) => {
      const form = event.target.form;
      if (form && form.matches("form[data-auto]")) form.requestSubmit();
    });
  }

  // A link to a folded form opens it.
  function openTarget() {
    const target = document.getElementById(window.location.hash.slice(1));
    if (target && target.matches("details")) target.open = true;
  }

  function focusSummary() {
    const summary = document.querySelector("[data-summary]");
    if (summary) summary.focus();
  }

  function enhance(root) {
    tellDeviceTimes(root);
    helpWithMoments(root);
    countCharacters(root);
  }

  askFirst();
  guardDoubleSubmit();
  takeDrawings();
  applyFilters();
  followStreams();
  enhance(document);
  openTarget();
  focusSummary();
})();
