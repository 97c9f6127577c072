import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { SignIn } from '#components/enter';
import { signInChoices } from '#lib/console';
import { pageViewer } from '../../session';

export const metadata: Metadata = { title: 'Sign in' };

interface Props {
  readonly searchParams: Promise<{ readonly error?: string | string[] }>;
}

export default async function SignInPage({ searchParams }: Props) {
  if ((await pageViewer()) !== null) redirect('/');
  const { error } = await searchParams;
  const { oidc, recoverUrl } = signInChoices();
  return (
    <>
      <h1 className="mb-1 font-semibold text-xl tracking-tight">Sign in</h1>
      <p className="mb-5 text-ink-soft text-sm">
        Signing in lets you look and say no. Saying yes takes your key again, each time.
      </p>
      <SignIn
        oidc={oidc}
        refused={
          error === undefined
            ? null
            : 'The provider signed you in, but nobody here has that e-mail address, or it is not verified.'
        }
      />
      <p className="mt-6 text-ink-soft text-xs">
        New installation? Open the set-up link that the start command printed. Every key lost?{' '}
        <a className="link" href={recoverUrl}>
          Use the recovery code.
        </a>
      </p>
    </>
  );
}
