/**
 * Fills in a Go template as `docker inspect -f` does. Supports the parts that Plimsoll uses:
 * {{.A.B}}, {{.}}, {{range .List}}…{{end}}. A missing field is an error, as in docker.
 */
export function format(template: string, value: unknown): string {
  const text = template.replaceAll(
    /\{\{range (\.[\w.]*)\}\}([\s\S]*?)\{\{end\}\}/g,
    (_, path: string, body: string) =>
      (field(value, path) as unknown[]).map((item) => format(body, item)).join(''),
  );
  return text.replaceAll(/\{\{(\.[\w.]*)\}\}/g, (_, path: string) => String(field(value, path)));
}

function field(value: unknown, path: string): unknown {
  const names = path.split('.').filter(Boolean);
  return names.reduce((at, name) => {
    const record = at as Record<string, unknown> | null;
    if (record === null || typeof record !== 'object' || !(name in record))
      throw new Error(`template parsing error: map has no entry for key "${name}"`);
    return record[name];
  }, value);
}
