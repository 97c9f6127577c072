export { provideWeb } from './web';
