const SHAPES = { good: "check_circle", doubtful: "visibility", bad: "error", "": "help" };

/** What is known of a picture: article, verdict with its reasons, marketplaces, the rest folded away. */
function drawFacts(place, one, words) {
  if (!one) return place.replaceChildren();
  const reasons = one.reasons.length
    ? [make("h3", { text: words.why }), make("ul", {}, ...one.reasons.map((text) => make("li", { text })))]
    : one.verdict === "good" ? [make("p", { class: "quiet", text: words.nothing })] : [];
  place.replaceChildren(
    make("div", { class: "who" },
      make("h2", { text: one.name }),
      make("p", { class: "quiet", text: one.under }),
      make("p", { class: "quiet", text: one.state })),
    make("div", { class: "said" },
      make("p", { class: `verdict ${one.verdict}` },
        make("span", { class: "icon", "aria-hidden": "true", text: SHAPES[one.verdict] }),
        make("span", { text: one.verdictWord })),
      ...reasons),
    make("div", { class: "rules" },
      ...one.markets.map((market) => drawMarket(market, one.verdict, words)),
      drawMore(one, words)),
  );
}

/** A tick only beside a good verdict: a bad cut-out may have the right format. */
function drawMarket(market, verdict, words) {
  const list = (title, sentences) => sentences.length > 0 &&
    make("div", {}, make("h4", { text: title }), make("ul", {}, ...sentences.map((text) => make("li", { text }))));
  const nothing = market.required.length + market.advised.length === 0;
  return make("details", { class: market.met ? `met ${verdict}` : "unmet", name: "facts" },
    make("summary", {},
      make("span", { class: "icon", "aria-hidden": "true", text: market.met ? (verdict === "good" ? "check" : "") : "close" }),
      make("span", { text: `${market.name}: ${market.met ? words.met : words.unmet}` })),
    list(words.required, market.required),
    list(words.advised, market.advised),
    nothing && make("p", { text: words.allMet }));
}

function drawMore(one, words) {
  return make("details", { class: "more", name: "facts" },
    make("summary", {}, make("span", { text: words.more })),
    make("dl", {}, ...one.facts.flatMap(([label, value]) => [make("dt", { text: label }), make("dd", { text: value })])));
}
