// The one script on the customer's page: <script async src="https://HOST/widget/loader.js?key=KEY"></script>.
// It notes where the visitor came from and draws the button. Nothing is requested before the visitor acts, unless this
// browser has a dialog already. The server puts the settings of the channel in place of __SETTINGS__.
((settings) => {
  const queue = window.InboxChat || [];
  if (queue.open) return;
  const home = new URL(document.currentScript.src).origin;
  const slot = "inbox:" + settings.key;
  let memory = {};
  try { memory = JSON.parse(localStorage[slot]); } catch {}
  const remember = (more) => {
    Object.assign(memory, more);
    try { localStorage[slot] = JSON.stringify(memory); } catch {}
  };

  // First and last touch: an arrival from outside, or by a tagged link, is a new last touch.
  const { referrer } = document;
  const from = referrer && new URL(referrer).host !== location.host;
  if (!memory.first || from || /[?&](utm_\w+|\w*clid|[gw]braid|rb_clickid)=./.test(location.search)) {
    const last = { url: location.href, referrer };
    remember({ first: memory.first || last, last: last });
  }

  const root = document.documentElement;
  const language = settings.language || (/^ru/.test(root.lang || navigator.language) ? "ru" : "en");
  const [openWords, closeWords, unreadWords] = settings.words[language];
  const listeners = {};
  let identity = {};
  let frame, ready, shown = false;

  const make = (tag) => document.createElement(tag);
  const host = make("inbox-chat");
  const box = make("div");
  const button = make("button");
  const badge = make("b");
  const tell = (type, more) => ready && frame.contentWindow.postMessage({ inbox: 1, type, ...more }, home);
  const here = () => ({ url: location.href, title: document.title });
  const emit = (name, detail) => listeners[name]?.forEach((listener) => listener(detail));

  function draw(unread) {
    badge.textContent = unread || "";
    button.ariaLabel = shown ? closeWords : openWords + (unread ? ", " + unreadWords + ": " + unread : "");
    button.ariaExpanded = shown;
    box.className = shown ? "open" : "";
  }

  function load() {
    if (frame) return;
    frame = make("iframe");
    frame.allow = "autoplay";
    frame.sandbox = "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads";
    frame.src = home + "/widget/v1/frame?key=" + settings.key + "&lang=" + language + "&site=" + location.origin;
    box.prepend(frame);
  }

  function show(open) {
    if (open === shown) return;
    shown = open;
    if (open) load();
    draw();
    tell("shown", { open });
    (open ? frame : button).focus();
    emit(open ? "open" : "close");
  }

  const heard = {
    ready: ({ title }) => {
      // Until now the button stood over it: a chat that does not load must not cover a phone for good.
      ready = frame.className = "on";
      frame.title = title;
      const metrica = /_ym_uid=(\d+)/.exec(document.cookie)?.[1];
      tell("site", { ...memory, page: here(), referrer, metrica, identity: identity, open: shown });
      emit("ready");
    },
    close: () => show(false),
    unread: ({ count }) => { remember({ unread: count }); draw(count); emit("unread", count); },
    keep: ({ kept }) => remember(kept),
    event: ({ name, detail }) => emit(name, detail),
  };
  addEventListener("message", ({ data, origin, source }) => {
    if (frame && source === frame.contentWindow && origin === home) heard[data.type]?.(data);
  });

  // Looking once a second follows every router, also one that draws the whole page anew, and leaves the site's own
  // history alone.
  let last = location.href;
  const follow = () => {
    if (!host.isConnected) root.append(host);
    if (last !== location.href) tell("page", { page: here() });
    last = location.href;
  };

  // The keyboard of a phone covers the page; the chat takes what is left.
  const view = visualViewport;
  const fit = () => box.style.setProperty("--h", view.height * view.scale + "px");

  const api = {
    open: () => show(true),
    close: () => show(false),
    toggle: () => show(!shown),
    identify(person) { identity = { ...identity, ...person }; tell("identify", { identity: identity }); },
    setAttributes: (more) => api.identify({ attributes: { ...identity.attributes, ...more } }),
    on: (name, listener) => (listeners[name] ||= []).push(listener),
    push: ([name, ...given]) => api[name](...given),
  };
  const shadow = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(settings.sheet);
  shadow.adoptedStyleSheets = [sheet];
  button.append(make("i"), badge);
  button.onclick = api.toggle;
  box.append(button);
  shadow.append(box);
  // Beside the body, not in it: routers replace the body.
  follow();
  setInterval(follow, 1000);
  fit();
  view.onresize = fit;
  draw(memory.unread);
  window.InboxChat = api;
  queue.forEach(api.push);
  if (memory.known) load();
})(__SETTINGS__);
