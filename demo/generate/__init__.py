"""A small seeded renderer that makes the demo catalogue's photos: solids, materials, surfaces, a camera and its flaws."""
