import { load } from './load';

/* A process of its own that asks for the same thing, over and over, until it is stopped; then it says how often it got it. */

const ROUND_SECONDS = 1;

/** `port clients request`, the request in base64. */
export async function saturate([port, clients, request = '']: readonly string[]): Promise<void> {
  const bytes = Buffer.from(request, 'base64');
  const begun = performance.now();
  let answered = 0;
  process.once('SIGTERM', () => {
    process.stdout.write(`${answered / ((performance.now() - begun) / 1_000)}\n`, () => process.exit(0));
  });
  for (;;) {
    const { taken } = await load(Number(port), () => bytes, { clients: Number(clients), seconds: ROUND_SECONDS });
    if (answered === 0) process.stdout.write('under load\n');
    answered += taken.length;
  }
}
