// Streamlit has no translations: what it writes itself is turned into Spanish here, once it is on the page.
// Whole texts only, never inside what staff or their catalogue wrote, and only while the page says it is in Spanish.
(() => {
  const words = {
    "Add row": "Agregar fila",
    "App pages": "Páginas",
    "Autosize": "Ajustar ancho",
    "Choose a date": "Elija una fecha",
    "Choose an option": "Elija una opción",
    "Choose date": "Elija una fecha",
    "Choose date range": "Elija un período",
    "Choose options": "Elija opciones",
    "Clear all": "Quitar todo",
    "Clear date": "Quitar la fecha",
    "Clear dates": "Quitar las fechas",
    "Clear entry": "Borrar lo escrito",
    "Clear search": "Borrar la búsqueda",
    "Clear selection": "Quitar la selección",
    "Clear value": "Borrar",
    "Close": "Cerrar",
    "Close fullscreen": "Salir de pantalla completa",
    "Close Search": "Cerrar la búsqueda",
    "Collapse sidebar": "Ocultar el menú",
    "Connecting": "Conectando",
    "Connection error": "Sin conexión",
    "Copy": "Copiar",
    "Copy column name": "Copiar el nombre",
    "Copy to clipboard": "Copiar",
    "Date range": "Período",
    "Download": "Descargar",
    "Download as CSV": "Descargar como CSV",
    "Download as PNG": "Descargar como PNG",
    "Drag and drop a file here": "Arrastre un archivo aquí",
    "Drag and drop directories here": "Arrastre carpetas aquí",
    "Drag and drop files here": "Arrastre archivos aquí",
    "Enter fullscreen": "Pantalla completa",
    "Error": "Error",
    "Exit fullscreen": "Salir de pantalla completa",
    "Expand sidebar": "Mostrar el menú",
    "Format": "Formato",
    "Fullscreen": "Pantalla completa",
    "Hide column": "Ocultar columna",
    "Hide password": "Ocultar la contraseña",
    "Loading": "Cargando",
    "Loading...": "Cargando…",
    "Main menu": "Menú",
    "Navigate to home page": "Ir al inicio",
    "Next": "Siguiente",
    "Next page": "Página siguiente",
    "Next Result": "Resultado siguiente",
    "No results": "Sin resultados",
    "Open": "Abrir",
    "Page not found": "Esa página no existe",
    "Pin column": "Fijar columna",
    "Previous": "Anterior",
    "Previous page": "Página anterior",
    "Previous Result": "Resultado anterior",
    "Print": "Imprimir",
    "Remove": "Quitar",
    "Rerun": "Actualizar",
    "Running...": "Trabajando…",
    "Search": "Buscar",
    "Select...": "Elija…",
    "yyyy": "aaaa",
    "Select all": "Seleccionar todo",
    "Settings": "Apariencia",
    "Show chart": "Ver el gráfico",
    "Sidebar": "Menú",
    "Show data": "Ver los datos",
    "Show password": "Mostrar la contraseña",
    "Show/hide columns": "Mostrar u ocultar columnas",
    "Skip to main content": "Ir al contenido",
    "Sort ascending": "Ordenar de menor a mayor",
    "Sort descending": "Ordenar de mayor a menor",
    "Stop": "Detener",
    "Unpin column": "Soltar columna",
    "Upload": "Subir",
    "Upload failed": "No se pudo subir",
    "Uploading...": "Subiendo…",
    "View less": "Ver menos",
    "Dark": "Oscuro",
    "Light": "Claro",
    "Use system setting": "Como el sistema",
    "Choose app theme": "Elija la apariencia",
    "Wide mode": "Ancho completo",
    "Appearance": "Apariencia",
    "Today": "Hoy",
    "Past Week": "La última semana",
    "Past Month": "El último mes",
    "Past 3 Months": "Los últimos 3 meses",
    "Past 6 Months": "Los últimos 6 meses",
    "Past Year": "El último año",
    "Past 2 Years": "Los últimos 2 años",
  };
  const patterns = [
    [/^([\d.]+\s?[KMG]?B) per file(?: • (.+))?$/, (_, size, types) => `Hasta ${size} por archivo${types ? ` • ${types}` : ""}`],
    [/^View (\d+) more$/, "Ver $1 más"],
    [/^Page (\d+)$/, "Página $1"],
    // A table's tools are named after it.
    [/^(Show\/hide columns|Download as CSV|Search|Fullscreen|Close fullscreen): (.+)$/, (_, tool, table) => `${words[tool]}: ${table}`],
    [/^Press Enter to (?:apply|submit form)$/, "Pulse Intro para aplicar"],
    [/^(?:Remove|Delete) (.+)$/, "Quitar $1"],
    [/^Page not found\b.*/, "Esa página no existe"],
    [/^The page that you have requested does not seem to exist\. .*/, "La dirección no corresponde a ninguna página. Se muestra Inicio."],
    [/^You have requested page (.+), but no corresponding file was found.*/, "La página $1 no existe. Se muestra Inicio."],
    [/^Is Streamlit still running\?.*/, "El panel no responde. Se reconecta solo; si tarda, avise a un administrador."],
  ];
  const attributes = ["aria-label", "title", "placeholder", "alt"];
  const written = "[data-testid='stMarkdownContainer'], [data-testid='stHtml'], textarea, code, pre, script, style";

  const root = document.documentElement;
  // What was there before, for who turns to English without loading the page anew.
  const before = new WeakMap();

  function spanish(text) {
    if (root.lang !== "es") return null;
    const plain = text.trim();
    if (!plain) return null;
    if (Object.hasOwn(words, plain)) return text.replace(plain, () => words[plain]);
    for (const [pattern, replacement] of patterns) {
      if (pattern.test(plain)) return plain.replace(pattern, replacement);
    }
    return null;
  }

  function translateText(node) {
    const parent = node.parentElement;
    if (!parent) return;
    const box = parent.closest(written);
    // The upload button's own label and a tool's tooltip lie in a Markdown box.
    if (box && !box.closest("[data-testid='stFileUploaderDropzone'], [data-testid='stTooltipContent']")) return;
    const found = spanish(node.data);
    if (found === null || found === node.data) return;
    before.set(node, { "": [node.data, found] });
    node.data = found;
  }

  function translateAttributes(element) {
    for (const name of attributes) {
      const value = element.getAttribute(name);
      const found = value === null ? null : spanish(value);
      if (found === null || found === value) continue;
      before.set(element, { ...before.get(element), [name]: [value, found] });
      element.setAttribute(name, found);
    }
  }

  function translate(root) {
    if (root.nodeType === Node.TEXT_NODE) return translateText(root);
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    translateAttributes(root);
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.nodeType === Node.TEXT_NODE) translateText(node);
      else translateAttributes(node);
    }
  }

  function takeBack() {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      for (const [name, [english, spanish]] of Object.entries(before.get(node) ?? {})) {
        if (name && node.getAttribute(name) === spanish) node.setAttribute(name, english);
        else if (!name && node.data === spanish) node.data = english;
      }
      before.delete(node);
    }
  }

  new MutationObserver(() => (root.lang === "es" ? translate(root) : takeBack())).observe(root, {
    attributes: true, attributeFilter: ["lang"],
  });
  new MutationObserver((changes) => {
    if (root.lang !== "es") return;
    for (const change of changes) {
      if (change.type === "characterData") translateText(change.target);
      else if (change.type === "attributes") translateAttributes(change.target);
      else change.addedNodes.forEach(translate);
    }
  }).observe(root, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: attributes,
  });
  translate(root);
})();
