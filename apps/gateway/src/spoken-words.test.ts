import { describe, expect, it } from 'vitest';
import { leavesQuestion, saysGoodbye } from './spoken-words.js';

describe('words that say goodbye', () => {
  it.each([
    'Thank you for your time. Goodbye!',
    'Goodbye! Have a nice day.',
    'Alright, bye-bye.',
    'Great. Have a wonderful evening',
    'Vielen Dank, auf Wiederhören.',
    'Danke. Tschüss!',
    'Merci, au revoir.',
    'Gracias, hasta luego.',
    'Grazie mille, arrivederci!',
    'Bedankt, tot ziens.',
    'Obrigado, até logo.',
    '谢谢，再见。',
    'ありがとうございました。失礼します。',
  ])('%s', (text) => expect(saysGoodbye(text)).toBe(true));

  it.each([
    '',
    'Is there anything else before we say goodbye?',
    'Goodbye? Did I hear that right?',
    'We say goodbye to all our guests at noon. The room is then cleaned. A taxi can be called.',
    'The bypass is closed.',
    'I will take care of it.',
  ])('not: %s', (text) => expect(saysGoodbye(text)).toBe(false));
});

describe('words that leave a question open', () => {
  it.each([
    'Fine. Is there anything else?',
    'Shall I book that for you? ',
    'Let me think of a joke.',
    'One moment, please.',
    'Das mache ich gern. Einen Moment bitte.',
    '還有別的嗎？',
    'هل هناك شيء آخر؟',
  ])('%s', (text) => expect(leavesQuestion(text)).toBe(true));

  it.each(['', 'Is that all? Good. Goodbye.', 'Thank you. Goodbye.', 'We had a great moment.'])('not: %s', (text) =>
    expect(leavesQuestion(text)).toBe(false),
  );
});
