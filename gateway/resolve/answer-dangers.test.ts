import { expect, test } from 'vitest';
import { answerDangers } from './answer-dangers';

test.each([
  [200, null],
  [404, null],
  [401, /The provider refused this secret \(HTTP 401\)/],
  [403, /The provider refused this secret/],
  [302, /redirects elsewhere/],
  [503, /answered HTTP 503/],
])('An answer of %i says of the secret: %s', (status, words) => {
  const texts = answerDangers(status).map(({ text }) => text);
  expect(texts).toEqual(words === null ? [] : [expect.stringMatching(words)]);
});
