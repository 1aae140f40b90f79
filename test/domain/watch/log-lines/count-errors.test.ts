import { describe, expect, test } from 'vitest';
import { countErrors, judgeLines } from '../../../../domain/watch/log-lines/count-errors.ts';

const escape = '\u001b';
const of = (text: string) => text.split('\n').map((line) => ({ text: line }));
const verdicts = (text: string) => judgeLines(of(text));

describe('a line', () => {
  test.each([
    ['{"level":50,"msg":"payment failed"}', 'error'],
    ['{"level":30,"msg":"{\\"level\\":50}"}', 'quiet'],
    ['{"level":"info","url":"/?level=error","ua":"ERROR: x"}', 'quiet'],
    ['{"level":"info","req":{"level":"fatal"}}', 'quiet'],
    ['{"req":{"level":"fatal"},"level":"info"}', 'quiet'],
    [`${escape}[31mERROR${escape}[0m payment failed`, 'error'],
    ['ERROR payment failed\r', 'error'],
    [`ERROR ${'x'.repeat(5000)}`, 'error'],
    [`{"msg":"${'x'.repeat(9000)}","level":"error"}`, 'error'],
    ['\u00ff\u00fe ERROR caf\u00e9', 'error'],
    ['INFO search for "ERROR: x"', 'quiet'],
    ['10.0.0.1 - - [29/Nov/2026:10:00:00 +0000] "GET /?q=ERROR: HTTP/1.1" 404 0', 'quiet'],
    ['metrics ERROR=0 FATAL=0', 'quiet'],
    ['*** stack smashing detected ***: terminated', 'error'],
    ['malloc(): corrupted top size', 'error'],
    ['Fatal glibc error: malloc.c:2593 (sysmalloc): assertion failed', 'error'],
    ["shop: pay.c:3: pay: Assertion `cart != NULL' failed.", 'error'],
    ['the call of malloc(): returns memory that free(): takes back', 'quiet'],
    // The colours of a logger are escaped in JSON.
    [String.raw`{"level":"\u001b[31merror\u001b[39m","message":"x"}`, 'error'],
    [String.raw`{"level":"\u001b[32minfo\u001b[39m","message":"level error"}`, 'quiet'],
    [String.raw`{"message":"\u001b[31mERROR\u001b[39m","level":"info"}`, 'quiet'],
    ['<3>payment failed', 'error'],
    ['<6>payment failed', 'quiet'],
    [`{"msg":"${'x'.repeat(100)}`, 'unread'],
    ['\u0001\u0002\u0003ERROR\u0004', 'unread'],
  ])('%j is %s', (line, verdict) => expect(verdicts(line)).toEqual([verdict]));
});

describe('a line that another tool took for an error, or did not', () => {
  const net = (colour: string, word: string) =>
    `${escape}[${colour}m${word}${escape}[39m${escape}[22m${escape}[49m: Shop.Worker[0]`;
  test.each([
    ['2019-06-17 10:00:00.000 UTC [1] LOG:  incomplete startup packet', 'quiet'],
    ['2019-06-17 10:00:00.000 UTC [1] FATAL:  the database system is starting up', 'error'],
    ['{"level":"Information","message":"response","body":{"Errors":[]}}', 'quiet'],
    [
      '▶ NOTICE Finished job "night" in "1.2s", failed: false, skipped: false, error: none',
      'quiet',
    ],
    ["export WARNING_AS_ERROR='True'", 'quiet'],
    ['[INFO] skill_catalog.refreshed count=3 errors=0 failed=0', 'quiet'],
    ['[WARNING] github.search_failed error="timeout"', 'quiet'],
    ['{"category":"error","severity":"info","msg":"gap"}', 'quiet'],
    ['{"category":"gap","severity":"critical","msg":"gap"}', 'error'],
    ['Build compiled successfully with no error!', 'quiet'],
    [net('41', 'fail'), 'error'],
    [net('40', 'info'), 'quiet'],
    ['<6>2026-08-20 10:00:00 - shop - ERROR - lost', 'error'],
    ['{"level":"error","time":"2026-09-16T10:00:00Z","message":"lost"}', 'error'],
  ])('%j is %s', (line, verdict) => expect(verdicts(line)).toEqual([verdict]));

  test('several lines of one error are one error', () => {
    const python =
      "[2019-03-14 09:20:44,381] ERROR: 'NoneType' object has no attribute 'options\n\n" +
      'Traceback (most recent call last):\n\n    File "shop", line 72, in <module>\n\n' +
      "      my_var = parent.none_object.options.option\n\nAttributeError: 'NoneType' object";
    const node =
      'Patch rejected Error: bad\n    at t (/var/task/a.js:1:2)\n    at u (/var/task/a.js:1:2)';
    for (const text of [python, node])
      expect(countErrors(of(text), { accessLog: false })).toEqual({ errors: 1, unread: 0 });
  });
});

describe('several lines', () => {
  test.each([
    [
      'winston with a stack',
      'error: payment failed\nError: payment failed\n    at f (a.js:1:1)',
      1,
    ],
    [
      'a cause of Node',
      'Error: x\n    at f (a.js:1:1) {\n  [cause]: Error: y\n      at g (b.js:1:1)\n}',
      1,
    ],
    ['Dart', 'Unhandled exception:\nException: x\n#0      main (file:///a.dart:1:3)', 1],
    [
      'Haskell',
      'shop: no db\nCallStack (from HasCallStack):\n  error, called at a.hs:1:1 in main:Main',
      1,
    ],
    ['two errors', 'Error: x\nError: y', 2],
    ['an error and another without a stack', 'error: payment failed\nError: no db\nup', 2],
  ])('of %s are counted', (_, text, errors) => {
    expect(countErrors(of(text), { accessLog: false }).errors).toBe(errors);
  });

  test('of a panic are one error, whatever its message says', () => {
    const panic = (message: string) => `thread 'main' (7) panicked at src/main.rs:4:5:\n${message}`;
    const frame =
      '   3: <shop::PayError>::unwrap\n             at /rustc/library/core/result.rs:1:5';
    const both = `${panic('Error: no db')}\nstack backtrace:\n${frame}\n\n${panic('ERROR')}`;
    expect(countErrors(of(both), { accessLog: false }).errors).toBe(2);
  });

  test('of one stack trace are one error, and the next trace is another', () => {
    const trace = 'TypeError: x is null\n    at f (a.js:1:1)\n    at g (a.js:2:1)';
    expect(countErrors(of(`${trace}\n${trace}`), { accessLog: false }).errors).toBe(2);
  });

  test('of other processes between them do not end a stack trace', () => {
    const lines = [
      { text: 'Traceback (most recent call last):', from: 1 },
      { text: 'INFO up', from: 2 },
      { text: '  File "a.py", line 1, in f', from: 1 },
      { text: 'ERROR payment failed', from: 2 },
      { text: "KeyError: 'x'", from: 1 },
    ];
    expect(judgeLines(lines)).toEqual(['error', 'quiet', 'more', 'error', 'more']);
  });

  test('belong to an error only for 3 s', () => {
    const lines = [
      { text: 'ERROR cannot pay', at: 0 },
      { text: 'java.io.IOException: no space', at: 5000 },
    ];
    expect(judgeLines(lines)).toEqual(['error', 'error']);
  });

  test('with a level are an error each, also in brackets', () => {
    expect(verdicts('[ERROR] a\n[ERROR] b\n   [ERROR] c')).toEqual(['error', 'error', 'error']);
  });

  test('of a warning with a stack trace are no error', () => {
    const text = '10:00:00 WARN shop - retry 1\njava.io.IOException: slow\n\tat f(A.java:1)';
    expect(verdicts(text)).toEqual(['quiet', 'more', 'more']);
  });

  test('show an error behind other words if a stack follows', () => {
    expect(verdicts('cannot pay: Error: no db\n    at f (a.js:1:1)')).toEqual(['error', 'more']);
    expect(verdicts('retried after Error: no db\nup')).toEqual(['quiet', 'quiet']);
  });
});

describe('an error that a request of a stranger causes', () => {
  const nginx = (what: string, more = '') =>
    `2026/11/29 10:00:00 [error] 1#1: *1 ${what}, client: 10.0.0.1, server: shop, ` +
    `request: "GET /x HTTP/1.1"${more}, host: "shop"`;
  const lines = [
    nginx('open() "/srv/wp-login.php" failed (2: No such file or directory)'),
    nginx('connect() failed (111: Connection refused)', ', upstream: "http://10.0.0.2/x"'),
    '[77aa] ActionController::RoutingError (No route matches [GET] "/wp-login.php"):',
    '{"level":50,"res":{"statusCode":404},"msg":"request errored"}',
    '{"level":50,"res":{"statusCode":500},"msg":"request errored"}',
  ].map((text, from) => ({ text, from }));

  test('counts without an access log', () => {
    expect(countErrors(lines, { accessLog: false })).toEqual({ errors: 5, unread: 0 });
  });

  test('never counts where there is an access log', () => {
    expect(countErrors(lines, { accessLog: true })).toEqual({ errors: 2, unread: 0 });
  });

  test('is known by a later line of its stack trace', () => {
    const trace = 'SyntaxError: Unexpected token\n    at parse (json.js:1:1) {\n  expose: true,\n}';
    expect(countErrors(of(trace), { accessLog: true }).errors).toBe(0);
    expect(countErrors(of(trace), { accessLog: false }).errors).toBe(1);
  });
});
