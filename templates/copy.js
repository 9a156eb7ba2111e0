// Adds a button to each URL, command and configuration of the page that copies it. Without this script the text can be selected.
'use strict';

for (const block of navigator.clipboard ? document.querySelectorAll('.address, pre') : []) {
  const button = document.createElement('button');
  const text = block.querySelector('code').textContent;
  button.type = 'button';
  button.className = 'copy';
  button.textContent = 'Copy';
  button.setAttribute('aria-live', 'polite');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
      setTimeout(() => { button.textContent = 'Copy'; }, 2000);
    } catch {
      button.textContent = 'Select the text to copy it';
    }
  });
  block.append(button);
}
