import { visible } from '#lib/text';

/** What must be put right before anybody holds this secret. */
interface AnswerDanger {
  readonly text: string;
  readonly mend: string;
}

/** What the status of the test says about the secret and the address; empty where it is well. */
export function answerDangers(status: number): readonly AnswerDanger[] {
  if (status === 401 || status === 403)
    return [
      { text: `The provider refused this secret (HTTP ${status}).`, mend: 'Check the secret and where it is sent.' },
    ];
  if (status >= 300 && status < 400)
    return [
      {
        text: `The address redirects elsewhere (HTTP ${status}), and the secret does not follow.`,
        mend: 'Use the address it leads to.',
      },
    ];
  if (status >= 500)
    return [{ text: `The provider answered HTTP ${status}.`, mend: 'Try again when the provider is well.' }];
  return [];
}

const SHOWN = 400;

/** The beginning of what the test was answered, for a person to see whose secret it is. */
export function shownAnswer(body: string): string {
  const text = visible(body.slice(0, SHOWN), { multiline: true });
  return body.length > SHOWN ? `${text} …` : text;
}
