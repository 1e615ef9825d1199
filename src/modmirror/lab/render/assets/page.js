// What can be pressed: language, light or dark, copy, evidence.
"use strict";

const root = document.documentElement;

// A page that was opened from a file may be denied a memory; then it just forgets.
const memory = {
  get(key) { try { return localStorage.getItem(`modmirror-${key}`); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(`modmirror-${key}`, value); } catch { /* forgotten */ } },
};

function wishes() {
  const asked = new URLSearchParams(location.hash.replace(/^#\?/, ""));
  const language = asked.get("lang") ?? memory.get("language");
  const theme = asked.get("theme") ?? memory.get("theme");
  if (language === "en" || language === "zh") root.lang = language;
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
}

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function switches() {
  document.getElementById("language").addEventListener("click", () => {
    root.lang = root.lang === "zh" ? "en" : "zh";
    memory.set("language", root.lang);
    draw();
  });
  document.getElementById("theme").addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    memory.set("theme", root.dataset.theme);
  });
}

async function copy(button) {
  const code = button.closest("figure").querySelector("code");
  const words = [...button.querySelectorAll("span")];
  const before = words.map((word) => word.textContent);
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    // Not allowed for files in some browsers: select it, so that one key copies it.
    getSelection().selectAllChildren(code);
    return;
  }
  for (const word of words) word.textContent = word.lang === "zh" ? "已复制" : "Copied";
  setTimeout(() => words.forEach((word, place) => { word.textContent = before[place]; }), 1500);
}

function evidence() {
  const box = document.getElementById("evidence");
  const show = (event) => {
    const from = event.target.closest?.(".evidence");
    box.hidden = !from;
    if (from) box.textContent = root.lang === "zh" ? from.dataset.detailZh : from.dataset.detail;
  };
  document.addEventListener("focusin", show);
  document.addEventListener("mouseover", show);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") box.hidden = true; });
}

wishes();
switches();
evidence();
for (const button of document.querySelectorAll("button.copy")) button.addEventListener("click", () => copy(button));
draw();

let waiting;
let drawn = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === drawn) return;
  drawn = innerWidth;
  clearTimeout(waiting);
  waiting = setTimeout(() => draw(), 150);
});
