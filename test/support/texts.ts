import { parseAst } from 'vitest/node';

export type Node = { type?: string; [key: string]: unknown };

const most = 16;
const joined = (sides: readonly (readonly string[])[]): string[] =>
  sides.reduce<string[]>(
    (all, side) => all.flatMap((before) => side.map((after) => before + after)).slice(0, most),
    [''],
  );

/**
 * Returns the possible texts of an expression, with "…" for unknown parts; null = the expression is
 * no text.
 */
function variants(node: Node): string[] | null {
  if (node.type === 'Literal') return typeof node['value'] === 'string' ? [node['value']] : null;
  if (node.type === 'ConditionalExpression') {
    const ways = [node['consequent'], node['alternate']].map((way) => variants(way as Node));
    return ways.every((way) => way === null) ? null : ways.flatMap((way) => way ?? ['…']);
  }
  if (node.type === 'BinaryExpression' && node['operator'] === '+') {
    const sides = [variants(node['left'] as Node), variants(node['right'] as Node)];
    return sides.every((side) => side === null) ? null : joined(sides.map((it) => it ?? ['…']));
  }
  if (node.type !== 'TemplateLiteral') return null;
  const put = (node['expressions'] as Node[]).map((one) => variants(one) ?? ['…']);
  const quasis = node['quasis'] as { value: { cooked: string | null } }[];
  return joined(quasis.flatMap(({ value }, at) => [[value.cooked ?? ''], put[at] ?? ['']]));
}

/**
 * Every text in a TypeScript source. Texts that "+" joins count as one text. Leaves out the nodes
 * for which `skip` returns true.
 */
export function textsOf(source: string, skip: (node: Node) => boolean = () => false): string[] {
  const found: string[] = [];
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(walk);
    if (typeof node !== 'object' || node === null || skip(node as Node)) return;
    const texts = variants(node as Node);
    found.push(...(texts ?? []));
    if (texts === null || (node as Node).type === 'TemplateLiteral')
      Object.values(node).forEach(walk);
  };
  walk(parseAst(source, { lang: 'ts' }).body);
  return found;
}
