// Takes the splash away once the page under it has its title, or asks for something.
(() => {
  const there = "[data-testid='stMain'] h1, [data-testid='stMain'] form, [role='dialog']";
  const watch = new MutationObserver(() => {
    if (!document.querySelector(there)) return;
    watch.disconnect();
    document.getElementById("splash")?.remove();
  });
  watch.observe(document.getElementById("root"), { subtree: true, childList: true });
})();
