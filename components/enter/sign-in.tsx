'use client';

import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { Button, Trouble, VisibleText } from '#components/ui';
import { type SignInResult, signInWithKey, signInWithOidc } from './ceremony';

interface SignInProps {
  /** The provider's name, or null where none is configured. */
  readonly oidc: string | null;
  /** What went wrong on the way back from the provider. */
  readonly refused: string | null;
}

export function SignIn({ oidc, refused }: SignInProps) {
  const [running, setRunning] = useState<'key' | 'oidc' | null>(null);
  const [trouble, setTrouble] = useState(refused);

  async function run(how: 'key' | 'oidc', signIn: () => Promise<SignInResult>): Promise<void> {
    setRunning(how);
    setTrouble(null);
    const wrong = await signIn();
    if (wrong === null) {
      // A whole new page: nothing from before the session stays in memory.
      if (how === 'key') location.assign('/');
      return;
    }
    setTrouble(wrong);
    setRunning(null);
  }

  return (
    <div className="space-y-3">
      <Button
        tone="primary"
        className="w-full"
        autoFocus
        running={running === 'key'}
        disabled={running !== null}
        onClick={() => run('key', signInWithKey)}
      >
        <KeyRound aria-hidden size={16} />
        {running === 'key' ? 'Touch your key…' : 'Sign in with your key'}
      </Button>
      {oidc === null ? null : (
        <Button
          className="w-full"
          running={running === 'oidc'}
          disabled={running !== null}
          onClick={() => run('oidc', signInWithOidc)}
        >
          <span>
            Sign in with <VisibleText>{oidc}</VisibleText>
          </span>
        </Button>
      )}
      <Trouble>{trouble}</Trouble>
    </div>
  );
}
