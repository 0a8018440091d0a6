-- What to make of a category's photos. A recipe keeps its versions for ever: every picture names the one it was made by.
CREATE TABLE revelado.recipes (
    id bigserial NOT NULL,
    name text NOT NULL,
    suits text[] DEFAULT '{}'::text[] NOT NULL,
    general boolean DEFAULT false NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    created_by text NOT NULL,
    archived_at timestamptz,
    PRIMARY KEY (id),
    CONSTRAINT recipes_general_stays CHECK (NOT general OR archived_at IS NULL),
    CONSTRAINT recipes_has_name CHECK (btrim(name) <> '')
);
CREATE UNIQUE INDEX recipes_by_name ON revelado.recipes (revelado.sort_key(name)) WHERE archived_at IS NULL;
CREATE UNIQUE INDEX recipes_one_general ON revelado.recipes (general) WHERE general;

-- `number` is NULL in a draft, which only trials use; saved, it gets its number and is from then on never changed.
CREATE TABLE revelado.recipe_versions (
    id bigserial NOT NULL,
    recipe_id bigint NOT NULL,
    number integer,
    kind text NOT NULL,
    prompt text NOT NULL,
    model text,
    size integer DEFAULT 1600 NOT NULL,
    fill numeric(3, 2) DEFAULT 0.88 NOT NULL,
    shadow boolean DEFAULT true NOT NULL,
    publish text,
    note text DEFAULT '' NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    created_by text NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT recipe_versions_kind_is_known CHECK (kind IN ('faithful', 'composite', 'creative')),
    CONSTRAINT recipe_versions_publish_is_known CHECK (publish IN ('at_once', 'if_good', 'after_review')),
    CONSTRAINT recipe_versions_size_fits CHECK (size BETWEEN 1200 AND 2000),
    CONSTRAINT recipe_versions_fill_fits CHECK (fill BETWEEN 0.50 AND 0.98),
    FOREIGN KEY(recipe_id) REFERENCES revelado.recipes (id)
);
CREATE UNIQUE INDEX recipe_versions_by_number ON revelado.recipe_versions (recipe_id, number);

-- An administrator's choice; without one, a recipe that suits the category's name, or else the general one.
CREATE TABLE revelado.category_recipes (
    categoria_id integer NOT NULL,
    recipe_id bigint NOT NULL,
    chosen_at timestamptz DEFAULT now() NOT NULL,
    chosen_by text NOT NULL,
    PRIMARY KEY (categoria_id),
    FOREIGN KEY(recipe_id) REFERENCES revelado.recipes (id)
);

CREATE FUNCTION revelado.recipe_of(categoria integer) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT r.id FROM revelado.category_recipes c JOIN revelado.recipes r ON r.id = c.recipe_id
            WHERE c.categoria_id = categoria AND r.archived_at IS NULL),
        (SELECT r.id FROM revelado.recipes r, public.categorias c, unnest(r.suits) AS word
            WHERE c.id = categoria AND r.archived_at IS NULL AND revelado.fold(c.nombre) LIKE '%' || word || '%'
            ORDER BY r.id LIMIT 1),
        (SELECT r.id FROM revelado.recipes r WHERE r.general))
$$;

CREATE FUNCTION revelado.current_version(recipe bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT id FROM revelado.recipe_versions WHERE recipe_id = recipe AND number IS NOT NULL ORDER BY number DESC LIMIT 1
$$;
