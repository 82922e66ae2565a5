"""What runs in the page of a proof: the filter, and nothing else. Without it the page is read whole."""

import base64
import hashlib

SCRIPT = """
(() => {
const one = s => document.querySelector(s), all = s => [...document.querySelectorAll(s)];
const find = one('#find'), stage = one('#of-stage'), account = one('#of-account'), kind = one('#of-kind');
const hops = all('.hop'), attacks = all('.attack'), attackers = all('.attacker'), stages = all('.stages > section');
const words = new Map();
const said = e => words.get(e) ?? words.set(e, e.textContent.toLowerCase()).get(e);
const listed = (e, name, value) => !value || e.dataset[name].split('|').includes(value);
function apply() {
  const typed = find.value.trim().toLowerCase();
  const numbers = /^hops? ([\\d ]+)$/.exec(typed)?.[1].split(' ');
  const texts = numbers ? [] : typed.split(/\\s+/).filter(Boolean);
  const has = e => texts.every(t => said(e).includes(t));
  let shown = 0, denied = 0;
  for (const e of hops) {
    const fits = (!numbers || numbers.includes(e.dataset.number)) && listed(e, 'stage', stage.value)
      && listed(e, 'accounts', account.value) && listed(e, 'kinds', kind.value) && has(e);
    e.hidden = !fits;
    shown += fits;
    all(`[data-hop="${e.dataset.number}"]`).forEach(row => row.classList.toggle('out', !fits));
  }
  for (const e of stages) e.hidden = ![...e.querySelectorAll('.hop')].some(h => !h.hidden);
  const untouched = numbers || stage.value || account.value || kind.value;
  for (const e of attacks) { e.hidden = Boolean(untouched) || !has(e); denied += !e.hidden; }
  for (const e of attackers) {
    const left = e.querySelectorAll('.attack:not([hidden])').length;
    e.hidden = !left;
    if (texts.length && left && left <= 200) e.open = true;
  }
  one('#shown').value = `${shown} of ${hops.length} hops, ${denied} of ${attacks.length} attacks`;
}
function reveal() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.closest('[hidden]')) { find.value = stage.value = account.value = kind.value = ''; apply(); }
  for (let e = target; e; e = e.parentElement) if (e.tagName === 'DETAILS') e.open = true;
  target.scrollIntoView();
  (target.querySelector('summary') ?? target).focus({preventScroll: true});
}
let wait;
const form = one('#filter');
form.hidden = false;
form.addEventListener('input', () => { clearTimeout(wait); wait = setTimeout(apply, 120); });
form.addEventListener('reset', () => setTimeout(apply));
form.addEventListener('submit', e => { e.preventDefault(); apply(); });
one('#fold').addEventListener('click', e => {
  const open = !hops.some(h => h.open);
  hops.forEach(h => { h.open = open; });
});
document.addEventListener('click', e => {
  const link = e.target.closest('a[data-find], a[data-hops]');
  if (!link) return;
  e.preventDefault();
  find.value = link.dataset.find ?? `hops ${link.dataset.hops}`;
  apply();
  one('#hops').scrollIntoView();
});
document.addEventListener('keydown', e => {
  if (e.key === '/' && !/INPUT|SELECT/.test(document.activeElement.tagName)) { e.preventDefault(); find.focus(); }
  if (e.key === 'Escape' && document.activeElement === find) { find.value = ''; apply(); }
});
addEventListener('hashchange', reveal);
addEventListener('beforeprint', () => hops.forEach(h => { h.open = true; }));
apply();
reveal();
})();
""".strip()

DIGEST = f"'sha256-{base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()}'"
"""As a content security policy names it."""
