import { DomainError } from '#lib/core';
import { problemResponse, requestIdOf } from '#lib/http/wire';

/** What is not there is a problem too, not a page. */
const absent = (request: Request): Response =>
  problemResponse(
    new DomainError('not_found', 'There is no such endpoint. See /docs/api.'),
    requestIdOf(request.headers),
  );

export { absent as DELETE, absent as GET, absent as PATCH, absent as POST, absent as PUT };
