// The acquaintance before the first message, and outside working hours a way to reach the visitor.
const NAMES = ["name", "phone", "email"];
const digits = (text) => text.replace(/\D/g, "");
const isPhone = (text) => /^[+\d\s().-]+$/.test(text.trim()) && digits(text).length >= 10 && digits(text).length <= 15;
const isMail = (text) => /^\S+@\S+\.\S{2,}$/.test(text.trim());

const formNeeded = () =>
  state.status === "none" && !messages.size && (!state.open || ["consent", ...NAMES].some((name) => look.form[name] !== "off"));

function showForm() {
  const form = at("form");
  const needed = formNeeded();
  form.hidden = !needed;
  showAway();
  at("body").hidden = at("say").hidden = needed;
  if (!needed) return;
  at("form-title").textContent = state.open ? look.heading : texts.offlineTitle;
  at("form-lead").textContent = state.open ? look.lead : look.offline || texts.offlineLead;
  at("go").textContent = state.open ? texts.start : texts.leave;
  for (const name of NAMES) {
    // Outside working hours one field takes a phone or an e-mail, whatever the settings ask for by day.
    at("f-" + name).hidden = !state.open || look.form[name] === "off";
  }
  at("f-reach").hidden = state.open;
  at("f-consent").hidden = look.form.consent === "off";
}

// Whoever wrote before sees no form; outside working hours they are told so, and asked for a way back if we know none.
function showAway() {
  at("away").hidden = state.open || (state.reach && !look.offline);
  at("away-words").textContent = look.offline || texts.offlineLead;
  at("away-ask").hidden = state.reach;
}

const wayBack = (reach) => (isMail(reach) ? { email: reach } : { phone: reach });

at("away").noValidate = true;
at("away").addEventListener("submit", (event) => {
  event.preventDefault();
  const reach = at("away-in").value.trim();
  const words = CHECKS.reach(reach);
  at("e-away").textContent = words;
  at("away-in").ariaInvalid = !!words;
  if (!words) send({ type: "identify", identity: { ...about.identity, ...wayBack(reach) } });
});

function complain(name, words) {
  const input = form.elements[name];
  const note = at("e-" + name);
  note.textContent = words || "";
  input.ariaInvalid = !!words;
  return !words;
}

const CHECKS = {
  name: () => "",
  phone: (text) => (isPhone(text) ? "" : texts.badPhone),
  email: (text) => (isMail(text) ? "" : texts.badMail),
  reach: (text) => (isPhone(text) || isMail(text) ? "" : texts.badReach),
  text: () => "",
};

function checked(name) {
  const input = form.elements[name];
  if (input.closest("[hidden]")) return complain(name);
  const required = name === "reach" || name === "text" || look.form[name] === "required";
  if (name === "consent") return complain(name, look.form.consent === "required" && !input.checked && texts.needConsent);
  if (!input.value.trim()) return complain(name, required && texts.needed);
  return complain(name, CHECKS[name](input.value));
}

const form = at("form");
form.noValidate = true;
form.addEventListener("input", ({ target }) => target.ariaInvalid === "true" && checked(target.name));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const names = [...NAMES, "reach", "text", "consent"];
  const wrong = names.filter((name) => !checked(name));
  if (wrong.length) return form.elements[wrong[0]].focus();
  const value = (name) => (form.elements[name].closest("[hidden]") ? "" : form.elements[name].value.trim());
  const reach = value("reach");
  const prechat = {
    name: value("name"),
    phone: value("phone"),
    email: value("email"),
    ...(reach && wayBack(reach)),
    consent: form.elements.consent.checked && look.form.consent !== "off",
  };
  write(form.elements.text.value, [], prechat);
  form.elements.text.value = "";
  showForm();
  at("text").focus();
});
