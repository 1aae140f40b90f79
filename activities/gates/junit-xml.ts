import { XMLParser, XMLValidator } from 'fast-xml-parser';

export type Node = Record<string, unknown>;

/**
 * Parses a JUnit XML report. The parser does not expand entities that the document declares,
 * because such entities could make a small report very large.
 */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseAttributeValue: false,
  parseTagValue: false,
  processEntities: false,
  isArray: (name) => ['testsuite', 'testcase', 'skipped', 'failure', 'error'].includes(name),
});

/** Parses an XML text. Returns null if the text is not well-formed XML. */
export function parseXml(xml: string): Node | null {
  const text = xml.replace(/^[\uFEFF\s]+/, '');
  if (XMLValidator.validate(text) !== true) return null;
  try {
    return parser.parse(text) as Node;
  } catch {
    return null;
  }
}

const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
/** Replaces the predefined entities of XML and the numbers of characters: &lt; &#60; and &#x3C;. */
const plain = (text: string) =>
  text.replaceAll(
    /&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([\dA-Fa-f]{1,6}));/g,
    (whole, name?: string, decimal?: string, hex?: string) =>
      name === undefined
        ? (characterOf(decimal === undefined ? parseInt(hex ?? '', 16) : Number(decimal)) ?? whole)
        : (named[name] ?? ''),
  );

/** Returns the character with this number. undefined: Unicode has no such character. */
const characterOf = (number: number): string | undefined =>
  number > 0x10_ff_ff || (number >= 0xd8_00 && number <= 0xdf_ff)
    ? undefined
    : String.fromCodePoint(number);

const nodes = (value: unknown): Node[] =>
  (Array.isArray(value) ? value : [value]).map((one) =>
    one !== null && typeof one === 'object' ? (one as Node) : {},
  );

/**
 * Returns the child elements of that name. An element without attributes and children becomes {}.
 */
export const children = (node: Node, name: string): Node[] =>
  name in node ? nodes(node[name]) : [];

export const attribute = (node: Node, name: string): string | undefined => {
  const value = node[`@${name}`] ?? node[otherCase(node, `@${name}`)];
  return typeof value === 'string' ? plain(value) : undefined;
};

/**
 * Returns the value of the attribute, or "". Some programs write the names of attributes with
 * capital letters.
 */
const otherCase = (node: Node, key: string): string =>
  Object.keys(node).find((one) => one.toLowerCase() === key.toLowerCase()) ?? key;

/** The names of the attributes, in the order of the document. */
export const attributeNames = (node: Node): string[] =>
  Object.keys(node)
    .filter((name) => name.startsWith('@'))
    .map((name) => name.slice(1));

/** Returns the name of a test as "class.name", as most tools show it. */
export const nameOf = (test: Node): string =>
  [attribute(test, 'classname'), attribute(test, 'name') ?? '(unnamed)'].filter(Boolean).join('.');
