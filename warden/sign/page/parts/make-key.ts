import { failure } from './key';
import type { Answer } from './talk';

/** Makes a new credential on a key. */
export async function makeKey(options: unknown): Promise<Answer<unknown>> {
  try {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
      options as PublicKeyCredentialCreationOptionsJSON,
    );
    const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
    return { ok: true, value: credential.toJSON() };
  } catch (error) {
    return failure(error);
  }
}
