// Takes the splash away once the page under it has its title, or asks for something.
(() => {
  const there = "[data-testid='stMain'] h1, [data-testid='stMain'] form, [role='dialog']";
  // Asked now and then: while the page is built, thousands of things change a second.
  const clock = setInterval(() => {
    if (!document.querySelector(there)) return;
    clearInterval(clock);
    document.getElementById("splash")?.remove();
  }, 50);
})();
