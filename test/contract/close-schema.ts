type Schema = { [key: string]: unknown };

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const each = (value: unknown, work: (schema: Schema) => Schema): unknown => {
  if (Array.isArray(value)) return value.map((one) => each(one, work));
  return isSchema(value) ? work(value) : value;
};
const inside = (value: unknown, work: (schema: Schema) => Schema) =>
  isSchema(value)
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, each(one, work)]))
    : value;

/**
 * Closes every object with named fields, so that a field that the vendor does not name is an error.
 * A vendor's description leaves them open, because the vendor may add fields. A stand-in may not.
 */
export function closeSchema(schema: Schema): Schema {
  const parts = Object.entries(schema).map(([key, value]) => {
    if (key === 'properties') return [key, inside(value, closeSchema)];
    if (key === 'allOf') return [key, each(value, closeParts)];
    return [key, nested.has(key) ? each(value, closeSchema) : value];
  });
  const whole = Object.fromEntries(parts) as Schema;
  const named = isSchema(schema['properties']) && !('additionalProperties' in schema);
  return named || 'allOf' in schema ? { ...whole, unevaluatedProperties: false } : whole;
}

/**
 * A part of `allOf` stays open, because another part names further fields. A reference then leads
 * to the open definition, whose name ends with ".open".
 */
export function closeParts(schema: Schema): Schema {
  if (typeof schema['$ref'] === 'string') return { $ref: `${schema['$ref']}.open` };
  const { unevaluatedProperties: _, ...open } = closeSchema(schema);
  return open;
}

const nested = new Set(['items', 'anyOf', 'oneOf', 'additionalProperties', 'not']);
