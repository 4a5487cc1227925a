// What the page was drawn with, small tools, and what outlives a reload.
const { key, site, look, texts, socketUrl, language } = JSON.parse(document.body.dataset.boot);
const root = document.documentElement;
const at = (id) => document.getElementById(id);
const fill = (name, values) => texts[name].replace(/\{(\w+)\}/g, (_, word) => values[word]);

function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", "#i-" + name);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

// A browser may refuse storage to frames of other sites; then the page keeps the token for us and the rest is forgotten.
let storage = null;
try {
  storage = localStorage;
  storage.getItem("");
} catch {
  storage = null;
}
const slot = (name) => `inbox:${key}:${name}`;
const memory = {};

function recall(name, otherwise) {
  try {
    return storage ? JSON.parse(storage.getItem(slot(name))) ?? otherwise : memory[name] ?? otherwise;
  } catch {
    return otherwise;
  }
}

function remember(name, value) {
  memory[name] = value;
  if (!storage && name === "token") tellSite("keep", { kept: { token: value } });
  try {
    storage?.setItem(slot(name), JSON.stringify(value));
  } catch {
    // A full disk must not stop a conversation.
  }
}

function tellSite(type, more) {
  if (parent !== window && site) parent.postMessage({ inbox: 1, type, ...more }, site);
}

const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
