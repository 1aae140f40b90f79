import { expect, test } from 'vitest';
import { isErrorLine, isFatalLine, portIn } from '../../../domain/watch/error-line.ts';

test.each([
  ['2026-11-24 ERROR queue is gone', true, false],
  ['<3>error: GET /pay: provider answered 401', true, false],
  ['{"level":"error","msg":"no"}', true, false],
  ['severity=critical disk full', true, true],
  ['Traceback (most recent call last):', true, true],
  ['panic: PANIC in main', true, true],
  ['<2>out of memory', true, true],
  ['{"level":"info","msg":"error budget is fine"}', false, false],
  ['GET /errors 200', false, false],
  ['no errors today', false, false],
])('%s', (line, error, fatal) => {
  expect([isErrorLine(line), isFatalLine(line)]).toEqual([error, fatal]);
});

test.each([
  ['good 2 listens on 18789', 18_789],
  ['INFO: Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)', 8000],
  ['[INFO] Listening at: http://0.0.0.0:8000 (7)', 8000],
  ['Server started on port 18789', 18_789],
  ['GET /pay 200', null],
  ['listening on 99999', null],
])('%s', (line, port) => {
  expect(portIn(line)).toBe(port);
});
