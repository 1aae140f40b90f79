import { expect, test } from 'vitest';
import { textOf } from '../../../activities/lib/text-of.ts';

const json = '{"name":"Größe 日本"}';
const xml = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?><a n="Größe"/>`;
const swapped = (text: string) => Buffer.from(text, 'utf16le').swap16();

test.each<[string, Buffer, string]>([
  ['UTF-8', Buffer.from(json), json],
  ['UTF-8 with a mark', Buffer.from(`\uFEFF${json}`), json],
  ['UTF-16, little end first, with a mark', Buffer.from(`\uFEFF${json}`, 'utf16le'), json],
  ['UTF-16, big end first, with a mark', swapped(`\uFEFF${json}`), json],
  ['UTF-16, little end first, without a mark', Buffer.from(json, 'utf16le'), json],
  ['UTF-16, big end first, without a mark', swapped(json), json],
  ['Latin-1 that XML declares', Buffer.from(xml('ISO-8859-1'), 'latin1'), xml('ISO-8859-1')],
  ['UTF-8 that XML declares as UTF-16', Buffer.from(xml('UTF-16')), xml('UTF-16')],
  ['an encoding that nobody knows', Buffer.from(xml('x-none')), xml('x-none')],
  ['an empty file', Buffer.alloc(0), ''],
  ['one byte', Buffer.from('a'), 'a'],
  ['zero bytes only', Buffer.alloc(4), '\0\0\0\0'],
])('%s', (_, bytes, text) => expect(textOf(bytes)).toBe(text));
