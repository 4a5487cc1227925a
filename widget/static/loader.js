// The one script on the customer's page: <script async src="https://HOST/widget/loader.js?key=KEY"></script>.
// It notes where the visitor came from and draws the button. Nothing is requested before the visitor acts, unless this
// browser has a dialog already. The server puts the settings of the channel in place of __SETTINGS__.
((settings) => {
  const queue = window.InboxChat || [];
  if (queue.open) return;
  const home = new URL(document.currentScript?.src || settings.home).origin;
  const slot = "inbox:" + settings.key;
  let memory = {};
  try { memory = JSON.parse(localStorage[slot] || "{}"); } catch {}
  const remember = (more) => {
    Object.assign(memory, more);
    try { localStorage[slot] = JSON.stringify(memory); } catch {}
  };

  // First and last touch: an arrival from outside, or by a tagged link, is a new last touch.
  const tagged = /[?&](utm_\w+|yclid|ymclid|gclid|gbraid|wbraid|fbclid|msclkid|ttclid|rb_clickid)=./.test(location.search);
  const outside = document.referrer && new URL(document.referrer).host !== location.host;
  if (!memory.first || tagged || outside) {
    const touch = { url: location.href, referrer: document.referrer, at: Date.now() };
    remember({ first: memory.first || touch, last: touch });
  }

  const russian = /^ru/.test(settings.language === "auto" ? document.documentElement.lang || navigator.language : settings.language);
  const words = settings.words[russian ? "ru" : "en"];
  const listeners = {};
  const identity = {};
  let frame, host, button, badge, ready, shown = false;

  const tell = (type, more) => ready && frame.contentWindow.postMessage({ inbox: 1, type, ...more }, home);
  const page = () => ({ url: location.href, title: document.title });
  const emit = (name, detail) => (listeners[name] || []).forEach((listener) => listener(detail));

  function draw() {
    host = document.createElement("inbox-chat");
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(settings.sheet);
    root.adoptedStyleSheets = [sheet];
    button = document.createElement("button");
    badge = document.createElement("b");
    const svg = (name, parent, attribute, value) => {
      const shape = document.createElementNS("http://www.w3.org/2000/svg", name);
      shape.setAttribute(attribute, value);
      return parent.appendChild(shape);
    };
    const icon = svg("svg", button, "viewBox", "0 0 20 20");
    for (const path of settings.paths) svg("path", icon, "d", path);
    button.append(badge);
    button.onclick = () => api.toggle();
    root.append(button);
    document.body.append(host);
    label(memory.unread || 0);
  }

  function label(unread) {
    badge.textContent = unread > 9 ? "9+" : unread || "";
    button.ariaLabel = shown ? words.close : words.open + (unread ? ", " + words.unread + ": " + unread : "");
    button.ariaExpanded = shown;
    host.className = shown ? "open" : "";
  }

  function load() {
    if (frame) return;
    frame = document.createElement("iframe");
    frame.title = words.title;
    frame.allow = "autoplay; clipboard-write";
    frame.sandbox = "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads";
    frame.src = `${home}/widget/v1/frame?key=${settings.key}&lang=${russian ? "ru" : "en"}&site=${encodeURIComponent(location.origin)}`;
    button.before(frame);
  }

  function show(open) {
    if (!host) return queue.push(["show", open]);
    if (open) load();
    if (open === shown) return;
    shown = open;
    label(0);
    tell("shown", { open });
    if (open) frame.focus(); else button.focus();
    emit(open ? "open" : "close");
  }

  const heard = {
    ready() {
      ready = true;
      const metrica = memory.metrica || (/_ym_uid=(\d+)/.exec(document.cookie) || [])[1];
      tell("site", { page: page(), referrer: document.referrer, first: memory.first, last: memory.last, metrica, identity, token: memory.token, open: shown });
      emit("ready");
    },
    close: () => show(false),
    unread: ({ count }) => { remember({ unread: count }); label(count); emit("unread", count); },
    keep: ({ token }) => remember({ token }),
    known: () => remember({ known: 1 }),
    event: ({ name, detail }) => emit(name, detail),
  };
  addEventListener("message", ({ data, origin, source }) => {
    if (frame && source === frame.contentWindow && origin === home && data.inbox) heard[data.type]?.(data);
  });

  let last = location.href;
  const moved = () => setTimeout(() => location.href !== last && tell("page", { page: page(), url: (last = location.href) }), 100);
  for (const name of ["pushState", "replaceState"]) {
    const before = history[name];
    history[name] = function (...given) { before.apply(this, given); moved(); };
  }
  addEventListener("popstate", moved);

  const api = {
    show,
    open: () => show(true),
    close: () => show(false),
    toggle: () => show(!shown),
    identify(person) { Object.assign(identity, person); tell("identify", { identity }); },
    setAttributes(attributes) { api.identify({ attributes: { ...identity.attributes, ...attributes } }); },
    on(name, listener) { (listeners[name] ||= []).push(listener); },
    push: ([name, ...given]) => api[name]?.(...given),
  };
  window.InboxChat = api;
  const start = () => {
    draw();
    queue.forEach(api.push);
    if (memory.known) load();
  };
  if (document.body) start(); else addEventListener("DOMContentLoaded", start);
})(__SETTINGS__);
