-- A database of the earlier backend, as found: thousands of rows, every state, and everything that time leaves behind.
CREATE TABLE categorias (id serial PRIMARY KEY, nombre varchar(100), orden integer);
CREATE TABLE articulos (
    id serial PRIMARY KEY, nombre varchar(255) NOT NULL, descripcion text, unidad varchar(50),
    categoria_id integer REFERENCES categorias(id), imagen_url text, activo boolean DEFAULT true,
    precio numeric(10, 2), created_at timestamp DEFAULT now()
);
CREATE TABLE image_processing_queue (
    id SERIAL PRIMARY KEY, articulo_id INTEGER, estado VARCHAR(20) DEFAULT 'pending', prioridad INTEGER DEFAULT 0,
    intentos INTEGER DEFAULT 0, max_intentos INTEGER DEFAULT 3, imagen_url_original TEXT, imagen_url_procesada TEXT,
    articulo_nombre VARCHAR(255), articulo_descripcion TEXT, articulo_unidad VARCHAR(50), error_message TEXT,
    error_stack TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, started_at TIMESTAMP, completed_at TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, solicitado_por TEXT
);
CREATE INDEX idx_queue_estado ON image_processing_queue(estado);
CREATE INDEX idx_queue_articulo_id ON image_processing_queue(articulo_id);

INSERT INTO categorias (nombre, orden) VALUES ('Tornillería', 1), ('Plomería', 2);
INSERT INTO articulos (nombre, descripcion, unidad, categoria_id, imagen_url, precio)
SELECT 'Tornillo hexagonal 3/8" n.º ' || n, 'Año ñandú ''comillas'' Ø ' || n, 'caja', 1 + n % 2,
    '/uploads/' || (n % 7) || '.jpg', n
FROM generate_series(1, 600) n;

INSERT INTO image_processing_queue (articulo_id, estado, intentos, imagen_url_original, imagen_url_procesada,
    articulo_nombre, error_message, created_at, started_at, completed_at, solicitado_por)
SELECT 1 + n % 600,
    CASE WHEN n % 10 < 7 THEN 'completed' ELSE 'failed' END, 1 + n % 3, '/uploads/' || (n % 7) || '.jpg',
    CASE WHEN n % 10 < 7 THEN 'https://res.cloudinary.com/shop/image/upload/v1/' || n || '.png' END,
    'Tornillo 3/8" ' || n, CASE WHEN n % 10 >= 7 THEN 'Error: 429 "quota"' END,
    timestamp '2025-01-20 20:30:00' + n * interval '1 minute', timestamp '2025-01-20 20:31:00' + n * interval '1 minute',
    timestamp '2025-01-20 20:31:20' + n * interval '1 minute', 'maría'
FROM generate_series(1, 3000) n;
-- left in `processing` by a crash, one of them at its last attempt
INSERT INTO image_processing_queue (articulo_id, estado, intentos, imagen_url_original, articulo_nombre, started_at)
VALUES (1, 'processing', 1, '/uploads/1.jpg', 'Caído', '2025-03-01'), (2, 'processing', 3, '/uploads/2.jpg', 'Caído 3/3', '2025-03-01');
-- waiting; article 3 twice; one with NULL almost everywhere; one of a state nobody knows; one past its attempts
INSERT INTO image_processing_queue (articulo_id, estado, intentos, imagen_url_original, articulo_nombre)
VALUES (3, 'pending', 0, '/uploads/3.jpg', 'Doble'), (3, 'pending', 0, '/uploads/3.jpg', 'Doble'),
    (4, 'pending', 5, '/uploads/4.jpg', 'Pasado'), (NULL, 'cancelado', NULL, NULL, NULL);
INSERT INTO image_processing_queue (articulo_id, estado, prioridad, intentos, max_intentos, imagen_url_original, created_at, updated_at)
VALUES (5, 'pending', NULL, NULL, NULL, NULL, NULL, NULL);
