"use strict";
/* 照面信息有误: what somebody finds wrong on an accepted licence goes to the office that issued it. */
const ObjectionForm = (() => {
  const byId = (id) => document.getElementById(id);
  const make = (...given) => VerdictView.make(...given);
  let done = () => {};

  const entry = (form, id, word, kind) => {
    const label = make("label", Words.say(word)), box = make(kind);
    label.htmlFor = id;
    box.id = id;
    box.autocomplete = "off";
    box.maxLength = id === "raised-by" ? 200 : 1000;
    form.append(label, box);
    return box;
  };

  const choices = (form, names) => {
    const set = make("fieldset"), row = make("div", undefined, "choices");
    set.append(make("legend", Words.say("whichFields")), row);
    const boxes = names.map(([name, told], index) => {
      const label = make("label", undefined, "inline"), box = make("input");
      box.type = "checkbox";
      box.id = `wrong-${index}`;
      box.value = name;
      label.htmlFor = box.id;
      label.append(box, make("span", told));
      row.append(label);
      return box;
    });
    form.append(set);
    return boxes;
  };

  /* As the register calls them; what is told is in the page's language. */
  const fieldsOf = (licence) => [
    ["持证主体", Words.say("holder")], ["持证主体代码", Words.say("holderNumber")],
    ...(licence.number === null ? [] : [["证照编号", Words.say("number")]]),
    ...Object.keys(licence.fields).map((name) => [name, name]), ["有效期", Words.say("until")],
  ];

  /* Once for a form: who sends it again after a lost answer makes no second objection. */
  const newRequest = () =>
    [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  const close = () => {
    byId("objection").hidden = true;
    byId("objection").replaceChildren();
  };

  const told = (key, id) => {
    const form = byId("objection"), words = make("p", `${Words.say(key)} ${id}`, "next");
    words.setAttribute("role", "status");
    form.replaceChildren(words);
    done();
  };

  return {
    isOpen: () => !byId("objection").hidden,
    close,
    /* Open the form for a licence of a check, which `named` names; `finished` is told when it was
       handed in or given up. */
    open(licence, named, finished) {
      const form = byId("objection"), request = newRequest();
      done = finished;
      form.replaceChildren(make("h2", Words.say("objection")));
      const boxes = choices(form, fieldsOf(licence));
      const statement = entry(form, "statement", "statement", "textarea");
      const evidence = entry(form, "evidence", "evidence", "input"), by = entry(form, "raised-by", "raisedBy", "input");
      const fault = make("p", "", "fault"), send = make("button", Words.say("send")), cancel = make("button", Words.say("cancel"));
      const buttons = make("div", undefined, "buttons");
      fault.setAttribute("role", "alert");
      send.type = "submit";
      cancel.type = "button";
      cancel.addEventListener("click", () => { close(); done(); });
      buttons.append(send, cancel);
      form.append(fault, buttons);
      form.onsubmit = async (event) => {
        event.preventDefault();
        const fields = boxes.filter((box) => box.checked).map((box) => box.value);
        if (!fields.length || !statement.value.trim() || !by.value.trim()) { fault.textContent = Words.say("objectionFields"); return; }
        send.disabled = true;
        try {
          const { status, body } = await API.object({
            ...named, fields, statement: statement.value.trim(),
            evidence: evidence.value.trim(), raised_by: by.value.trim(), request,
          });
          if (status === 200) told(body.own ? "takenHere" : "takenOn", body.id);
          else fault.textContent = body && body.zh ? Words.both(body) : Words.say("failed");
        } catch (error) { fault.textContent = Words.say("offline"); }
        send.disabled = false;
      };
      form.hidden = false;
      form.scrollIntoView({ block: "nearest" });
      boxes[0].focus();
    },
  };
})();
