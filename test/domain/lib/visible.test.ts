import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { visible, visibleLines } from '../../../domain/lib/visible.ts';

describe('a text of other people', () => {
  test.each<[string, string, string]>([
    [
      'plain text',
      'Take “cards” — für Müller, 日本語, العربية',
      'Take “cards” — für Müller, 日本語, العربية',
    ],
    ['a line end', 'a\nb\r\nc', String.raw`a\nb\r\nc`],
    ['a tab and an escape', 'a\tb\u001b[2J', String.raw`a\tb\u001B[2J`],
    [
      'other control characters',
      '\u0000\u0007\u007f\u0085\u009b',
      String.raw`\u0000\u0007\u007F\u0085\u009B`,
    ],
    ['line and paragraph separators', 'a\u2028b\u2029c', String.raw`a\u2028b\u2029c`],
    [
      'overrides of the direction',
      '\u202a\u202b\u202c\u202d\u202e',
      String.raw`\u202A\u202B\u202C\u202D\u202E`,
    ],
    ['isolates', '\u2066\u2067\u2068\u2069', String.raw`\u2066\u2067\u2068\u2069`],
    ['marks of the direction', '\u200e\u200f\u061c', String.raw`\u200E\u200F\u061C`],
    [
      'zero width',
      'a\u200b\u200c\u200d\u2060\ufeffb',
      String.raw`a\u200B\u200C\u200D\u2060\uFEFFb`,
    ],
    ['a soft hyphen', 'pay\u00adment', String.raw`pay\u00ADment`],
    [
      'a vowel separator and fillers',
      '\u180e\u115f\u3164\u2800',
      String.raw`\u180E\u115F\u3164\u2800`,
    ],
    ['tags', '\u{e0001}\u{e0041}\u{e007f}', String.raw`\u{E0001}\u{E0041}\u{E007F}`],
    [
      'hidden variation selectors',
      'a\ufe00b\ufe0fc\u{e0100}',
      String.raw`a\uFE00b\uFE0Fc\u{E0100}`,
    ],
    ['half of a character', '\ud83d', String.raw`\uD83D`],
    ['emoji', '👩‍💻 ❤️ 1️⃣ 👍🏽 ✨', '👩‍💻 ❤️ 1️⃣ 👍🏽 ✨'],
    ['joiners that hide after an emoji', '👍\u200d\u200d!', String.raw`👍\u200D\u200D!`],
  ])('%s', (_, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  const unit = fc.integer({ min: 0, max: 0x10_ffff }).map((point) => String.fromCodePoint(point));
  const nasty = fc.constantFrom(
    ...['\n', '\r', '\u001b', '\u202e', '\u2066', '\u061c', '\u00ad', '\u180e', '\u{e0041}'],
    ...['\u200b', '\u200d', '\ufe0f', '\u2028', '👍', '❤', '1', '\u20e3', '\ud800', 'a', ' '],
  );
  const texts = fc.string({ unit: fc.oneof(nasty, unit), maxLength: 40 });

  test('of any kind has one line, nothing invisible, and stays the same when it is shown again', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const shown = visible(text);
        expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Co}\u00ad\u061c\u180e\u2800]/u);
        expect(shown).not.toMatch(
          /[\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\u{e0000}-\u{e0fff}]/u,
        );
        const left = shown.match(/\p{Default_Ignorable_Code_Point}/gu) ?? [];
        expect(left.filter((one) => one !== '\u200d' && one !== '\ufe0f')).toEqual([]);
        expect(
          shown.replaceAll(
            /[\p{Extended_Pictographic}0-9#*]\p{Emoji_Modifier}?[\ufe0f\u200d]+/gu,
            '',
          ),
        ).not.toMatch(/[\ufe0f\u200d]/);
        expect(visible(shown)).toBe(shown);
      }),
      { numRuns: 500 },
    );
  });

  test('keeps the lines of a text of our own', () => {
    expect(visibleLines('a\u202e\nb\r\nc')).toBe('a\\u202E\nb\\r\nc');
  });

  test('is read quickly, also if it is long', () => {
    const began = performance.now();
    visible('\ufe0f\u200d👍'.repeat(50_000));
    visible(' '.repeat(200_000));
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
