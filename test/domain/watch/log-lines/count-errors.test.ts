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
    ['<3>payment failed', 'error'],
    ['<6>payment failed', 'quiet'],
    [`{"msg":"${'x'.repeat(100)}`, 'unread'],
    ['\u0001\u0002\u0003ERROR\u0004', 'unread'],
  ])('%j is %s', (line, verdict) => expect(verdicts(line)).toEqual([verdict]));
});

describe('several lines', () => {
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
