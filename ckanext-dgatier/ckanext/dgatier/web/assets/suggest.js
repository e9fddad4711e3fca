/* Takes a suggestion into the fields of the data dictionary's form; it is saved with the form. */
(function () {
  "use strict";

  for (const button of document.querySelectorAll("button[data-dg-entry]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const entry = JSON.parse(button.dataset.dgEntry);
      for (const [name, value] of Object.entries(entry)) {
        const field = document.getElementsByName(`info__${button.dataset.dgPosition}__${name}`)[0];
        if (field) field.value = value;
      }
      button.disabled = true;
      button.textContent = button.dataset.dgTaken;
    });
  }
})();
