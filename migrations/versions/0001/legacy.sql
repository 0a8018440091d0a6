-- The shape of existing installations. `IF NOT EXISTS` leaves theirs, with its data, alone.
CREATE TABLE IF NOT EXISTS public.categorias (
    id serial PRIMARY KEY,
    nombre text
);

CREATE TABLE IF NOT EXISTS public.articulos (
    id serial PRIMARY KEY,
    nombre varchar(255),
    descripcion text,
    unidad varchar(50),
    categoria_id integer,
    imagen_url text,
    activo boolean DEFAULT true
);

CREATE TABLE IF NOT EXISTS public.image_processing_queue (
    id serial PRIMARY KEY,
    articulo_id integer,
    estado varchar(20) DEFAULT 'pending',
    prioridad integer DEFAULT 0,
    intentos integer DEFAULT 0,
    max_intentos integer DEFAULT 3,
    imagen_url_original text,
    imagen_url_procesada text,
    articulo_nombre varchar(255),
    articulo_descripcion text,
    articulo_unidad varchar(50),
    error_message text,
    error_stack text,
    created_at timestamptz DEFAULT CURRENT_TIMESTAMP,
    started_at timestamptz,
    completed_at timestamptz,
    updated_at timestamptz DEFAULT CURRENT_TIMESTAMP
);
