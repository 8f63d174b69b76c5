// Daybook's one script. Every page works without it; with it, everything is at the keyboard.
// It builds elements and text nodes only: no markup is ever made from data.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector, within = document) => within.querySelector(selector);
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) element.setAttribute(name, "");
      else if (value !== false && value != null) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };
  const on = (target, type, run) => target.addEventListener(type, run);
  const stop = (e) => e.preventDefault();
  const chord = (e) => e.ctrlKey || e.metaKey || e.altKey;
  const typing = (target) => target instanceof Element &&
    !!target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  const visible = (element) => element.getClientRects().length > 0;

  // ---- Numbers. Digits go through text and BigInt; only a computed sum is ever a float.

  const { decimal: SIGN = ".", group: GROUP = "\u202f", monthFirst } = root.dataset;
  const MINUS = /[−–]/g, GAPS = /[\s\u202f\u00a0'’]/g;

  /** A typed number as a plain decimal ("1.234,5" gives "1234.5"), or null. */
  function plain(text) {
    let t = text.replace(GAPS, "").replace(MINUS, "-");
    if (!/^[-+]?[\d.,]+$/.test(t) || !/\d/.test(t)) return null;
    const marks = t.replace(/[^.,]/g, "");
    let decimal = "";
    if (marks.includes(".") && marks.includes(",")) decimal = marks.at(-1);
    else if (marks.length === 1) {
      const thousands = /\d[.,]\d{3}$/.test(t) && marks !== SIGN && /^[-+]?[1-9]\d{0,2}[.,]/.test(t);
      decimal = thousands ? "" : marks;
    }
    if (decimal && marks.split(decimal).length > 2) return null;
    const [whole, fraction = ""] = decimal ? t.split(decimal) : [t];
    const clean = whole.replace(/[.,+]/g, "");
    return (clean === "" || clean === "-" ? clean + "0" : clean) + (fraction ? "." + fraction : "");
  }

  /** Sums, differences, products, quotients and brackets; null if it is anything else. */
  function compute(text) {
    const tokens = text.replace(GAPS, "").replace(MINUS, "-").replace(/[×x]/g, "*").replace(/[÷:]/g, "/")
      .match(/[\d.,]+|[-+*()/]|./g) || [];
    let at = 0;
    const factor = () => {
      const token = tokens[at++];
      if (token === "-") return -factor();
      if (token === "+") return factor();
      if (token === "(") {
        const value = sum();
        return tokens[at++] === ")" ? value : NaN;
      }
      const number = token === undefined ? null : plain(token);
      return number === null ? NaN : Number(number);
    };
    const product = () => {
      let value = factor();
      while (tokens[at] === "*" || tokens[at] === "/") value = tokens[at++] === "*" ? value * factor() : value / factor();
      return value;
    };
    const sum = () => {
      let value = product();
      while (tokens[at] === "+" || tokens[at] === "-") value = tokens[at++] === "+" ? value + product() : value - product();
      return value;
    };
    const value = sum();
    return at === tokens.length && Number.isFinite(value) ? value : null;
  }

  /** Rounds half away from nought, undoing the float's last error first. */
  function fixed(value, scale) {
    const factor = 10 ** scale;
    const rounded = Math.round(Number((Math.abs(value) * factor).toPrecision(15)));
    return (value < 0 && rounded ? "-" : "") + (rounded / factor).toFixed(scale);
  }

  const UNITS = 6;
  /** A plain decimal in millionths, or null when it holds more digits than that. */
  function units(decimal) {
    const [whole, fraction = ""] = decimal.replace("-", "").split(".");
    if (fraction.length > UNITS) return null;
    const value = BigInt(whole + fraction.padEnd(UNITS, "0"));
    return decimal.startsWith("-") ? -value : value;
  }
  function decimal(value, scale) {
    const digits = (value < 0n ? -value : value).toString().padStart(UNITS + 1, "0");
    const whole = digits.slice(0, -UNITS);
    const fraction = digits.slice(-UNITS).replace(/0+$/, "").padEnd(scale, "0");
    return (value < 0n ? "-" : "") + whole + (fraction ? "." + fraction : "");
  }
  const grouped = (text) => {
    const [whole, fraction] = text.replace("-", "−").split(".");
    return whole.replace(/\B(?=(\d{3})+$)/g, GROUP) + (fraction === undefined ? "" : SIGN + fraction);
  };

  const frame = (input) => input.closest("form")?.dataset || {};
  /** What an amount field means now, computed if need be; leaves alone what it cannot read. */
  function settleAmount(input) {
    const { scale = "2" } = frame(input);
    const text = input.value.trim(), sum = compute(text.replace(/^=/, ""));
    const value = plain(text) ?? (sum === null ? null : fixed(sum, Number(scale)));
    if (value === null) return;
    const [whole, fraction = ""] = value.split(".");
    const padded = fraction.padEnd(Number(scale), "0");
    input.value = whole + (padded ? SIGN + padded : "");
  }

  // ---- Dates. `t`, `-1`, `15`, `31.1.`, `31.1.26`, `31/1` and ISO.

  function readDate(text, today) {
    const t = text.trim().toLowerCase();
    const [year, month, day] = today.split("-").map(Number);
    const iso = (y, m, d, roll) => {
      const date = new Date(Date.UTC(y, m - 1, d));
      return roll || date.getUTCDate() === d ? date.toISOString().slice(0, 10) : null;
    };
    if (t === "t") return today;
    if (/^[-+]\d{1,3}$/.test(t)) return iso(year, month, day + Number(t), true);
    if (/^\d{1,2}\.?$/.test(t)) return iso(year, month, parseInt(t, 10));
    const parts = t.match(/^(\d{1,2})[./](\d{1,2})(?:[./](\d{2}|\d{4})?)?$/);
    const [m, d] = monthFirst != null && t.includes("/") ? [1, 2] : [2, 1];
    if (parts) return iso(parts[3] ? Number(parts[3].padStart(4, "20")) : year, Number(parts[m]), Number(parts[d]));
    const full = t.match(/^(\d{4})-?(\d{2})-?(\d{2})$/);
    return full ? iso(...full.slice(1).map(Number)) : null;
  }
  /** The browser's today; Swedish writes dates as ISO does. */
  const localToday = () => new Date().toLocaleDateString("sv");
  function settleDate(input) {
    const iso = input.value && readDate(input.value, frame(input).today || localToday());
    if (iso && iso !== input.value) { input.value = iso; announce(input); }
  }
  const announce = (input) => input.dispatchEvent(new Event("input", { bubbles: true }));
  const settle = (input) => input.dispatchEvent(new Event("change"));

  // ---- Drafts. Kept for this tab only, so that a shared machine keeps nothing after it closes.

  const workspace = () => document.body.dataset.workspace || "";
  const draftKey = (form) => `daybook:${workspace()}:${form.dataset.draft}`;
  const store = {
    get(key) { try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; } },
    set(key, value) { try { sessionStorage.setItem(key, JSON.stringify(value)); } catch { /* full */ } },
  };
  const keepable = (field) => field.name && field.name !== "csrf" && !["password", "file", "hidden", "submit"].includes(field.type);
  const ticks = (field) => ["checkbox", "radio"].includes(field.type) ? "checked" : "value";
  function keepDraft(form, sent = false) {
    const values = {};
    for (const field of form.elements) {
      if (keepable(field)) values[field.name] = field[ticks(field)];
    }
    store.set(draftKey(form), { values, sent, path: location.pathname });
  }
  function restoreDraft(form) {
    const key = draftKey(form), draft = store.get(key);
    if (!draft) return;
    // The server's answer already holds what was typed, with what is wrong about it.
    if (one("[aria-invalid=true], .fault-summary", form)) return store.set(key, { ...draft, sent: false });
    if (draft.path !== location.pathname) return;
    let changed = false;
    for (const [name, value] of Object.entries(draft.values)) {
      let field = form.elements.namedItem(name);
      while (!field && form.grid && /^lines\[\d{1,3}\]/.test(name) && value) {
        form.grid.addRow();
        field = form.elements.namedItem(name);
      }
      if (!field || !keepable(field) || field[ticks(field)] === value) continue;
      changed = true;
      field[ticks(field)] = value;
    }
    if (!changed) return;
    const drop = make("button", { type: "button", class: "button quiet" }, "Discard");
    on(drop, "click", () => { sessionStorage.removeItem(key); form.reset(); form.grid?.refresh(); bar.remove(); });
    const bar = make("div", { class: "draft", role: "status" }, "What you typed before is back.", drop);
    form.prepend(bar);
    form.grid?.refresh();
  }
  // A draft that was sent is done with once a page of the workspace came back without complaint.
  // A page outside, for signing in again or for an error, leaves it to be offered again.
  function settleDrafts() {
    const shell = one(".shell"), refused = !shell || one(".notice.wrong, .fault-summary");
    for (const key of Object.keys(sessionStorage)) {
      const draft = key.startsWith(shell ? `daybook:${workspace()}:` : "daybook:") && store.get(key);
      if (!draft?.sent) continue;
      if (refused) store.set(key, { ...draft, sent: false }); else sessionStorage.removeItem(key);
    }
  }

  // ---- The journal grid.

  const RECENT = "daybook-recent:";
  class JournalGrid {
    constructor(form) {
      this.form = form;
      this.body = one("tbody", form);
      this.accounts = all("#accounts option", form).map((option) => ({ value: option.value, kind: option.label }));
      form.grid = this;
      for (const row of this.rows) this.wire(row);
      on(form, "keydown", (e) => this.key(e));
      on(form, "input", () => this.refresh());
      on(form, "paste", (e) => this.paste(e));
      on(form, "reset", () => setTimeout(() => this.refresh()));
      on(form, "submit", () => this.remember());
      this.refresh();
    }
    get rows() { return all("tr[data-line]", this.body); }
    cells(row) { return all("[data-column]", row); }
    cell(row, column) { return one(`[data-column=${column}]`, row); }
    wire(row) {
      const account = this.cell(row, "account");
      account.removeAttribute("list");
      complete(account, (text) => this.find(text));
      for (const column of ["debit", "credit"]) {
        const input = this.cell(row, column), other = this.cell(row, column === "debit" ? "credit" : "debit");
        on(input, "change", () => {
          settleAmount(input);
          if (input.value.startsWith("-") && plain(input.value)) {
            // A negative debit is a credit, as in any ledger.
            other.value = input.value.slice(1);
            input.value = "";
          } else if (input.value) other.value = "";
          announce(input);
        });
      }
    }
    addRow() {
      const rows = this.rows, at = rows.length, row = rows[at - 1].cloneNode(true);
      for (const cell of this.cells(row)) {
        cell.name = `lines[${at}].${cell.dataset.column}`;
        cell.id = `f-lines-${at}--${cell.dataset.column}`;
        cell.setAttribute("aria-label", cell.getAttribute("aria-label").replace(/\d+$/, at + 1));
        cell.removeAttribute("aria-invalid");
        if (cell.tagName === "INPUT") { cell.value = ""; cell.setAttribute("value", ""); }
        else cell.selectedIndex = this.cell(rows[at - 1], cell.dataset.column).selectedIndex;
      }
      one(".line-number", row).textContent = at + 1;
      one(".complete", row)?.remove();
      this.body.append(row);
      this.wire(row);
      return row;
    }
    find(text) {
      const wanted = text.trim().toLowerCase();
      const recent = store.get(RECENT + workspace()) || [];
      const rank = (account) => {
        const value = account.value.toLowerCase();
        const name = value.replace(/^\S+\s*/, "");
        if (!wanted) return recent.indexOf(account.value) >>> 0;
        const used = recent.includes(account.value) ? 0 : .5;
        if (value.startsWith(wanted)) return used;
        if (name.startsWith(wanted)) return 1 + used;
        if (name.split(/[\s,/-]+/).some((word) => word.startsWith(wanted))) return 2 + used;
        return value.includes(wanted) ? 3 + used : Infinity;
      };
      return this.accounts.map((account) => [rank(account), account]).filter(([order]) => order < Infinity)
        .sort((a, b) => a[0] - b[0]).slice(0, 8).map(([, account]) => account);
    }
    remember() {
      const used = this.rows.map((row) => this.cell(row, "account").value).filter(Boolean);
      const before = store.get(RECENT + workspace()) || [];
      store.set(RECENT + workspace(), [...new Set([...used, ...before])].slice(0, 20));
    }
    currency(row) { return this.cell(row, "currency")?.value || this.form.dataset.currency || ""; }
    amount(row, column) {
      const text = this.cell(row, column).value.trim();
      const value = text && plain(text);
      return value ? units(value) ?? 0n : 0n;
    }
    sums() {
      const sums = new Map();
      for (const row of this.rows) {
        const sum = sums.get(this.currency(row)) || { debit: 0n, credit: 0n };
        sum.debit += this.amount(row, "debit");
        sum.credit += this.amount(row, "credit");
        sums.set(this.currency(row), sum);
      }
      return sums;
    }
    refresh() {
      const scale = Number(this.form.dataset.scale), sums = [...this.sums()].filter(([, sum]) => sum.debit || sum.credit);
      const write = (value) => grouped(decimal(value, scale));
      for (const side of ["debit", "credit"]) {
        one(`[data-sum=${side}]`, this.form).replaceChildren(...sums.map(([currency, sum]) =>
          make("div", { class: "figure" }, (sums.length > 1 ? currency + " " : "") + write(sum[side]))));
      }
      const open = sums.filter(([, sum]) => sum.debit !== sum.credit);
      const output = one("[data-difference]", this.form);
      // What cannot be read is in no sum, so nothing may be called balanced beside it.
      const unread = all("[data-amount]", this.body).some((cell) => cell.value.trim() && plain(cell.value) === null);
      const even = !open.length && !unread && sums.length > 0;
      output.classList.toggle("even", even);
      const say = ([currency, { debit, credit }]) => debit > credit
        ? `${write(debit - credit)} ${currency} to credit` : `${write(credit - debit)} ${currency} to debit`;
      const text = open.length ? open.map(say).join(", ") : even ? "Balanced" : "";
      if (output.textContent !== text) output.textContent = text;
    }
    /** Writes into the line what its currency lacks. */
    balance(input) {
      const row = input.closest("tr");
      this.cell(row, "debit").value = this.cell(row, "credit").value = "";
      const sum = this.sums().get(this.currency(row)), lack = sum.debit - sum.credit;
      if (!lack) return this.refresh();
      const target = this.cell(row, lack > 0n ? "credit" : "debit");
      target.value = decimal(lack > 0n ? lack : -lack, Number(this.form.dataset.scale)).replace(".", SIGN);
      target.focus();
      announce(target);
    }
    key(e) {
      const input = e.target, row = input.closest?.("tr[data-line]");
      if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
        stop(e);
        if (input.matches("[data-amount]")) settle(input);
        if (input.matches("[data-date]")) settleDate(input);
        this.form.requestSubmit(one(".button.primary", this.form));
        return;
      }
      if (e.defaultPrevented || chord(e) || e.isComposing) return;
      if (e.key === "Enter" && input.matches("input")) {
        stop(e);
        return this.step(input, e.shiftKey ? -1 : 1);
      }
      if (!row) return;
      const whole = !input.value || (input.selectionStart === 0 && input.selectionEnd === input.value.length);
      if (e.key === "=" && input.matches("[data-amount]") && whole) {
        stop(e);
        this.balance(input);
      } else if (e.key === "+" && whole && input.tagName === "INPUT" && row.previousElementSibling) {
        stop(e);
        input.value = this.cell(row.previousElementSibling, input.dataset.column).value;
        settle(input);
        announce(input);
      }
    }
    step(input, by) {
      const fields = all(".journal-head input, tbody [data-column]", this.form);
      const at = fields.indexOf(input) + by;
      if (at < 0) return;
      const next = fields[at] || this.cells(this.addRow())[0];
      next.focus();
      next.select?.();
    }
    paste(e) {
      const start = e.target.closest?.("tr[data-line] [data-column]");
      const text = e.clipboardData?.getData("text/plain") || "";
      if (!start || !/[\t\n]/.test(text.trimEnd())) return;
      stop(e);
      let at = this.rows.indexOf(start.closest("tr"));
      const from = this.cells(this.rows[at]).indexOf(start);
      for (const line of text.trimEnd().split(/\r?\n/).slice(0, 500)) {
        const row = this.rows[at++] || this.addRow(), cells = this.cells(row);
        line.split("\t").forEach((value, offset) => {
          const cell = cells[from + offset];
          if (!cell) return;
          cell.value = value.trim();
          if (cell.dataset.column === "account") cell.value = this.named(cell.value);
          else if (value.trim()) settle(cell);
        });
      }
      announce(start);
    }
    /** The account of that number or name, or the text as it came. */
    named(text) {
      const wanted = text.toLowerCase();
      const found = this.accounts.find(({ value }) => {
        const lower = value.toLowerCase();
        return lower === wanted || lower.startsWith(wanted + " ") || lower.replace(/^\S+\s*/, "") === wanted;
      });
      return found && wanted ? found.value : text;
    }
  }

  // ---- A list under a field, by the combobox pattern.

  let listCount = 0;
  function optionList(input, options, pick) {
    const list = make("ul", { role: "listbox", id: `list-${++listCount}`, class: "options" });
    let shown = [], at = -1;
    const select = (to) => {
      at = shown.length ? (to + shown.length) % shown.length : -1;
      all("li", list).forEach((item, index) => item.setAttribute("aria-selected", index === at));
      const item = list.children[at];
      if (item) { input.setAttribute("aria-activedescendant", item.id); item.scrollIntoView({ block: "nearest" }); }
      else input.removeAttribute("aria-activedescendant");
    };
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    return {
      list, select,
      get chosen() { return shown[at]; },
      get at() { return at; },
      show(text, first = 0) {
        shown = options(text);
        list.replaceChildren(...shown.map((option, index) => {
          const item = make("li", { role: "option", id: `${list.id}-${index}` }, option.value,
            option.key ? make("kbd", {}, option.key) : make("span", { class: "muted" }, option.kind || ""));
          on(item, "pointerdown", (e) => { stop(e); pick(option); });
          return item;
        }));
        select(first);
        return shown.length;
      },
    };
  }
  function complete(input, options) {
    const close = () => { menu.list.remove(); input.setAttribute("aria-expanded", "false"); };
    const pick = (option) => { input.value = option.value; close(); announce(input); };
    const menu = optionList(input, options, pick);
    menu.list.classList.add("complete");
    close();
    const open = () => {
      if (!menu.show(input.value, input.value ? 0 : -1)) return close();
      input.after(menu.list);
      input.setAttribute("aria-expanded", "true");
    };
    on(input, "input", (e) => { if (e.isTrusted) open(); });
    on(input, "blur", () => {
      if (menu.list.isConnected && menu.chosen && input.value.trim()) pick(menu.chosen);
      close();
    });
    on(input, "keydown", (e) => {
      const isOpen = menu.list.isConnected;
      if (/^Arrow(Up|Down)$/.test(e.key)) {
        stop(e);
        if (isOpen) menu.select(menu.at + (e.key === "ArrowDown" ? 1 : -1)); else open();
      } else if (e.key === "Escape" && isOpen) { stop(e); e.stopPropagation(); close(); }
      else if (e.key === "Enter" && isOpen && menu.chosen && !e.ctrlKey && !e.metaKey) pick(menu.chosen);
    });
  }

  // ---- The palette and the keys of the page.

  function modal(label, ...children) {
    const dialog = make("dialog", { class: "palette", closedby: "any", "aria-label": label }, ...children);
    on(dialog, "close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    return dialog;
  }
  /** The words of an element without its keys and counts. */
  const wordsOf = (element) => {
    const copy = element.cloneNode(true);
    all("kbd, .count", copy).forEach((part) => part.remove());
    return copy.textContent.trim().replace(/\s+/g, " ");
  };
  function commands() {
    const places = all(".places a").map((link) => ({ element: link, kind: "Go" }));
    const acts = all(".page-head .button, [data-command], .workspace, .tabs a").map((element) => ({ element, kind: "Do" }));
    return [...acts, ...places].map(({ element, kind }) => ({
      value: element.dataset.command || (element.matches(".workspace") ? "Switch workspace" : wordsOf(element)),
      key: element.dataset.key, kind, run: () => element.click(),
    }));
  }
  function palette() {
    if (one("dialog.palette")) return;
    const known = commands(), find = document.body.dataset.find;
    const matching = (text) => {
      const wanted = text.trim().toLowerCase();
      const found = known.filter(({ value }) => wanted.split(/\s+/).every((word) => value.toLowerCase().includes(word)));
      if (wanted && find) {
        const url = new URL(find, location.href);
        url.searchParams.set("q", text.trim());
        found.push({ value: `Find “${text.trim()}”`, kind: "Find", run: () => { location.href = url.href; } });
      }
      return found;
    };
    const label = "Find, go or do";
    const input = make("input", { "aria-label": label, "aria-expanded": "true", placeholder: label, autocomplete: "off" });
    const run = (option) => { dialog.close(); option.run(); };
    const menu = optionList(input, matching, run);
    const dialog = modal(label, input, menu.list);
    menu.show("");
    input.focus();
    on(input, "input", () => menu.show(input.value));
    on(input, "keydown", (e) => {
      if (/^Arrow(Up|Down)$/.test(e.key)) {
        stop(e);
        menu.select(menu.at + (e.key === "ArrowDown" ? 1 : -1));
      } else if (e.key === "Enter" && menu.chosen) { stop(e); run(menu.chosen); }
    });
  }
  function keysOfPage() {
    const keys = [["Ctrl K", "Find, go or do"]];
    if (one(FILTER)) keys.push(["/", "Filter"]);
    if (one("[data-row]")) keys.push(["j", "Next row"], ["k", "Row before"], ["Enter", "Open the row"]);
    for (const element of all("[data-key], [data-chord]")) {
      if (visible(element)) keys.push([element.dataset.key || element.dataset.chord, wordsOf(element)]);
    }
    keys.push(["Esc", "Out"]);
    const list = make("dl", { class: "keys options", tabindex: "0" }, ...keys.map(([key, does]) =>
      make("div", {}, make("dt", {}, ...key.split(" ").flatMap((part) => [make("kbd", {}, part), " "])), make("dd", {}, does))));
    modal("Keys of this page", make("h2", {}, "Keys of this page"), list);
  }

  // ---- Rows, and an entry opened beside its register.

  const FILTER = ".filters input:not([type=hidden])";
  const current = () => one("[data-row][aria-current]");
  function mark(row) {
    current()?.removeAttribute("aria-current");
    if (!row) return;
    row.setAttribute("aria-current", "true");
    const link = one(".row-link", row);
    link.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    if (beside() && link.matches("[data-beside]")) openBeside(link, true);
  }
  function moveRow(by) {
    const rows = all("main [data-row]").filter((row) => !row.closest(".beside") && visible(row));
    if (!rows.length) return false;
    const at = rows.indexOf(current());
    mark(rows[Math.max(0, Math.min(rows.length - 1, at + by))]);
    return true;
  }
  const beside = () => one("aside.beside");
  let opened = 0;
  // Trusted types let no text become a document; a document that is asked for may.
  const load = (url, suits = (status) => status === 200) => new Promise((done, no) => {
    const ask = new XMLHttpRequest();
    ask.open("GET", url);
    ask.responseType = "document";
    ask.onloadend = () => (suits(ask.status) ? done(ask.response) : no());
    ask.send();
  });
  async function openBeside(link, swap = false) {
    const ticket = ++opened;
    try {
      const content = one(".shell main", await load(link.href));
      if (ticket !== opened) return;
      if (!content) throw 0;
      const panel = beside() || make("aside", { class: "beside", tabindex: "-1" });
      const close = make("button", { type: "button", class: "button quiet" }, "Close ", make("kbd", {}, "Esc"));
      on(close, "click", () => history.back());
      panel.setAttribute("aria-label", one("h1", content)?.textContent || link.textContent);
      panel.replaceChildren(make("div", { class: "beside-head" }, make("a", { class: "button quiet", href: link.href }, "Open page"), close), ...content.childNodes);
      if (!panel.isConnected) one("main").after(panel);
      panel.scrollTop = 0;
      history[history.state?.beside ? "replaceState" : "pushState"]({ beside: true }, "", link.href);
      prepare(panel);
      if (!swap) panel.focus({ preventScroll: true });
    } catch { location.href = link.href; }
  }
  function closeBeside() {
    const panel = beside();
    if (!panel) return;
    ++opened;
    panel.remove();
    one(".row-link", current() || document)?.focus({ preventScroll: true });
  }
  on(window, "popstate", () => { history.state?.beside ? location.reload() : closeBeside(); });

  // ---- Work under way.

  const POLL_MS = 2000;
  // A page that tells what went wrong is an end too; a busy or absent server is asked again.
  const answers = (status) => status > 0 && status < 500 && status !== 429;
  function poll(element) {
    setTimeout(async () => {
      if (!element.isConnected) return;
      try {
        const fresh = (await load(element.dataset.poll, answers)).getElementById(element.id);
        if (!fresh?.matches("[data-poll]")) return location.reload();
        element.replaceWith(fresh);
        return poll(fresh);
      } catch { /* asked again below */ }
      poll(element);
    }, POLL_MS);
  }

  // ---- Keys.

  let gone = 0;
  const act = (key) => {
    const element = all(`[data-key="${CSS.escape(key)}"]`).find((one) => visible(one) || one.closest(".rail"));
    element?.click();
    return !!element;
  };
  on(document, "keydown", (e) => {
    if (e.defaultPrevented || e.isComposing) return;
    const plainKey = !chord(e);
    if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === "k") {
      stop(e);
      return palette();
    }
    if (e.key === "Escape" && plainKey) {
      if (one("dialog[open], :popover-open")) return;
      if (typing(e.target)) return e.target.blur();
      if (beside()) history.state?.beside ? history.back() : closeBeside();
      else if (location.hash === "#rail") location.hash = "main";
      else mark(null);
      return;
    }
    if (!plainKey || typing(e.target) || one("dialog[open], :popover-open")) return;
    const key = e.key;
    if (Date.now() - gone < 1500) {
      gone = 0;
      if (/^[a-z]$/.test(key) && act(`g ${key}`)) stop(e);
      return;
    }
    let done = true;
    if (key === "g") gone = Date.now();
    else if (key === "?") keysOfPage();
    else if (key === "/" && one(FILTER)) { one(FILTER).focus(); one(FILTER).select?.(); }
    else if (key === "j") done = moveRow(1);
    else if (key === "k") done = moveRow(-1);
    else if (key === "Enter" && current() && (e.target === document.body || e.target.id === "main")) one(".row-link", current()).click();
    else done = /^[a-z]$/.test(key) && act(key);
    if (done) stop(e);
  });

  on(document, "click", (e) => {
    if (e.defaultPrevented || e.button || chord(e) || e.shiftKey) return;
    const target = e.target;
    if (target.closest("[data-palette]")) { stop(e); return palette(); }
    const row = target.closest("[data-row]"), link = target.closest("a[data-beside]");
    if (row && !target.closest("a, button, input, label, select, summary") && !String(getSelection())) return one(".row-link", row).click();
    if (!link || innerWidth < 900) return;
    stop(e);
    current()?.removeAttribute("aria-current");
    row?.setAttribute("aria-current", "true");
    openBeside(link);
  });

  on(document, "change", (e) => {
    if (e.target.matches("[data-date]")) settleDate(e.target);
    if (e.target.matches("[data-amount]") && !e.target.closest("[data-line]")) settleAmount(e.target);
  });
  on(document, "input", (e) => {
    const form = e.target.form;
    if (form?.dataset.draft) keepDraft(form);
  });
  on(document, "submit", (e) => {
    const form = e.target;
    if (form.method !== "post" || e.defaultPrevented) return;
    if (form.getAttribute("aria-busy")) return stop(e);
    form.setAttribute("aria-busy", "true");
    if (form.dataset.draft) keepDraft(form, true);
  });
  // A page taken back from the browser's memory must be able to send again.
  on(window, "pageshow", () => all("form[aria-busy]").forEach((form) => form.removeAttribute("aria-busy")));

  // Figures copied out of a table paste into a spreadsheet as numbers.
  on(document, "copy", (e) => {
    const selection = getSelection(), within = selection.anchorNode?.parentElement?.closest("table, .figure");
    if (!within || typing(e.target)) return;
    e.clipboardData.setData("text/plain", String(selection).replace(/\u202f/g, "").replace(/−(?=\d)/g, "-"));
    stop(e);
  });

  // ---- Passkeys. The server asks, a device answers, and the answer leaves with the form.

  async function askPasskey(button) {
    const { passkey: start, make: making } = button.dataset, { form } = button;
    if (making != null && !form.reportValidity()) return;
    const fault = one("[data-passkey-fault]", form), creates = making != null;
    fault.hidden = true;
    try {
      const asked = await fetch(`/api/v1/${start}`, { method: "POST", body: "{}", headers:
        { "content-type": "application/json", "x-daybook-csrf": form.elements.csrf?.value || "" } });
      const answer = await asked.json();
      if (answer.code === "step_up_required") return location.assign(`/step-up?next=${encodeURIComponent(location.pathname)}`);
      if (!asked.ok) throw new Error(answer.detail);
      const publicKey = PublicKeyCredential[`parse${creates ? "Creation" : "Request"}OptionsFromJSON`](answer.options);
      const shown = await navigator.credentials[creates ? "create" : "get"]({ publicKey });
      form.elements.challenge.value = answer.challenge;
      form.elements.passkey.value = JSON.stringify(shown);
      form.submit();
    } catch (error) {
      const gone = error.name === "NotAllowedError";
      fault.textContent = gone ? "No passkey was shown. Try again." : error.message;
      fault.hidden = false;
    }
  }
  on(document, "click", (e) => {
    const button = e.target.closest("[data-passkey]");
    if (button) askPasskey(button);
  });

  function prepare(within) {
    for (const input of all("input[data-date]", within)) {
      const value = input.value;
      input.type = "text";
      input.placeholder ||= "YYYY-MM-DD";
      input.value = value;
      input.defaultValue = value;
    }
    for (const form of all("form[data-journal]", within)) new JournalGrid(form);
    for (const form of all("form[data-draft]", within)) restoreDraft(form);
    all("[data-poll]", within).forEach(poll);
    for (const region of all(".table-region", within)) {
      if (region.scrollWidth <= region.clientWidth) region.removeAttribute("tabindex");
    }
    one(".fault-summary", within)?.focus();
  }
  settleDrafts();
  prepare(document);
})();
