//! What is answered to queries: reports, settings, modes, styles put aside. Must not know how an engine works.

use super::answers;

#[test]
fn what_is_asked_is_answered() {
    let wrong: Vec<String> = [
        // DA1, DA2, DA3, DECID, XTVERSION
        ("\x1b[c", "^[?64;6;9;15;21;22;28;52c"),
        ("\x1b[0c\x1b[1c", "^[?64;6;9;15;21;22;28;52c"),
        ("\x1bZ", "^[?64;6;9;15;21;22;28;52c"),
        ("\x1b[>c", "^[>41;400;0c"),
        ("\x1b[=c", "^P!|00000000$"),
        // DSR, DECXCPR
        ("\x1b[5n", "^[0n"),
        ("\x1b[3;4H\x1b[6n", "^[3;4R"),
        ("\x1b[3;4H\x1b[?6n", "^[?3;4;1R"),
        ("{BOX}\x1b[?6h\x1b[2;2H\x1b[6n", "^[2;2R"),
        ("abcdefghij\x1b[6n", "^[1;10R"),
        ("\x1b[?15n", "^[?13n"),
        ("\x1b[?25n", "^[?21n"),
        ("\x1b[?26n", "^[?27;1;0;0n"),
        ("\x1b[?53n\x1b[?55n\x1b[?56n", "^[?50n^[?50n^[?57;0n"),
        ("\x1b[?62n", "^[0*{"),
        ("\x1b[?63;123n", "^P123!~0000$"),
        ("\x1b[?75n\x1b[?85n", "^[?70n^[?83n"),
        ("\x1b[?996n", "^[?997;1n"),
        ("\x1b[7n\x1b[?7n", ""),
        // DECREQTPARM, DECRQDE, DECRQUPSS, DECRQLP
        ("\x1b[x\x1b[1x\x1b[2x", "^[2;1;1;128;128;1;0x^[3;1;1;128;128;1;0x"),
        ("\x1b[\"v", "^[5;10;1;1;1\"w"),
        ("\x1b[&u", "^P0!u%5$"),
        ("\x1b['|", "^[0&w"),
        // DECRQPSR: cursor and tab stops; and back
        ("\x1b[2;3H\x1b[1$w", "^P1$u2;3;1;@;@;@;0;2;@;BBBB$"),
        ("\x1b[1;4;7m\x1b[1\"q\x1b(0\x1b-A\x0e\x1b[1$w", "^P1$u1;1;1;K;A;@;1;2;B;0ABB$"),
        ("abcdefghij\x1b[1$w", "^P1$u1;10;1;@;@;H;0;2;@;BBBB$"),
        ("\x1b[4G\x1bH\x1b[2$w", "^P2$u4/9$"),
        ("\x1bP2$t3/5\x1b\\\x1b[2$w", "^P2$u3/5$"),
        ("\x1bP1$t2;3;1;K;A;H;1;2;B;0ABB\x1b\\\x1b[1$w", "^P1$u2;3;1;K;A;@;1;2;B;0ABB$"),
        ("\x1b(<\x1b)%5\x1b[1$w", "^P1$u1;1;1;@;@;@;0;2;@;<%5BB$"),
        ("\x1bP1$tx;y\x1b\\\x1b[9$w", "^P0$u$"),
        // Windows: sizes, never titles
        ("\x1b[11t\x1b[13t\x1b[14t\x1b[15t", "^[1t^[3;0;0t^[4;80;80t^[5;80;80t"),
        ("\x1b[16t\x1b[18t\x1b[19t", "^[6;16;8t^[8;5;10t^[9;5;10t"),
        ("\x1b]2;x\x07\x1b[20t\x1b[21t\x1b[8;9;9t\x1b[18t", "^[8;5;10t"),
        // DECRQSS
        ("\x1bP$qm\x1b\\", "^P1$r0m$"),
        ("\x1b[1;2;3;4;5;7;8;9;53;31;44m\x1bP$qm\x1b\\", "^P1$r0;1;2;3;5;7;8;9;4;53;31;44m$"),
        ("\x1b[4:3;58:2::1:2:3;38;5;200;48;2;9;8;7m\x1bP$qm\x1b\\", "^P1$r0;4:3;38:5:200;48:2::9:8:7;58:2::1:2:3m$"),
        ("\x1b[91;102m\x1bP$qm\x1b\\", "^P1$r0;91;102m$"),
        ("\x1b[2;4r\x1bP$qr\x1b\\", "^P1$r2;4r$"),
        ("\x1b[?69h\x1b[3;6s\x1bP$qs\x1b\\", "^P1$r3;6s$"),
        ("\x1b[4 q\x1bP$q q\x1b\\", "^P1$r4 q$"),
        ("\x1b[1\"q\x1bP$q\"q\x1b\\", "^P1$r1\"q$"),
        ("\x1bP$q\"p\x1b\\\x1b[65;1\"p\x1bP$q\"p\x1b\\", "^P1$r64;1\"p$^P1$r64;1\"p$"),
        ("\x1b[63;1\"p\x1bP$q\"p\x1b\\", "^P1$r63;1\"p$"),
        ("\x1bP$q*x\x1b\\\x1b[2*x\x1bP$q*x\x1b\\\x1b[0*x\x1bP$q*x\x1b\\", "^P1$r1*x$^P1$r2*x$^P1$r0*x$"),
        ("\x1bP$qt\x1b\\\x1bP$q$|\x1b\\\x1bP$q*|\x1b\\", "^P1$r5t$^P1$r10$|$^P1$r5*|$"),
        ("\x1bP$q$}\x1b\\\x1bP$q$~\x1b\\", "^P1$r0$}$^P1$r0$~$"),
        ("\x1bP$qX\x1b\\", "^P0$r$"),
        // XTGETTCAP
        ("\x1bP+q544e\x1b\\", "^P1+r544E=787465726D2D323536636F6C6F72$"),
        ("\x1bP+q436f;524742;zz\x1b\\", "^P1+r436F=323536$^P1+r524742=38$^P0+r$"),
        // DECRQCRA: what is there, negative, with the weights of bold, blinking, reverse and underline. Protection and hiding weigh
        // nothing; what was never written counts only in the first place.
        ("A\x1b[1;0;1;1;1;1*y", "^P1!~FFBF$"),
        ("AB\x1b[2;0;1;1;1;2*y", "^P2!~FF7D$"),
        ("\x1b[1mA\x1b[3;0;1;1;1;1*y", "^P3!~FF3F$"),
        ("\x1b[1\"q\x1b[8mA\x1b[5;0;1;1;1;1*y", "^P5!~FFBF$"),
        ("\x1b[4;5;7mA\x1b[6;0;1;1;1;1*y", "^P6!~FF4F$"),
        ("A\x1b[7;0;1;1;2;3*y\x1b[8;0;1;2;2;3*y", "^P7!~FFBF$^P8!~FFE0$"),
        ("A B\x1b[9;0;1;1;1;3*y", "^P9!~FF5D$"),
        ("{BOX}\x1b[2;2HA\x1b[?6h\x1b[4;0;1;1;1;1*y", "^P4!~FFBF$"),
        // Graphics are not to be had, and say so.
        ("\x1b[?1;1;0S\x1b[?2;1;0S\x1b[?9;1;0S", "^[?1;3;0S^[?2;3;0S"),
        ("\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[c", "^[?64;6;9;15;21;22;28;52c"),
        ("\x1bPq#0;2;0;0;0~~\x1b\\\x1b[6n", "^[1;1R"),
        // Keyboard protocols
        ("\x1b[?u\x1b[>1u\x1b[?u\x1b[>31u\x1b[?u\x1b[<u\x1b[?u\x1b[<9u\x1b[?u", "^[?0u^[?1u^[?31u^[?1u^[?0u"),
        ("\x1b[=5u\x1b[?u\x1b[=2;2u\x1b[?u\x1b[=4;3u\x1b[?u\x1b[=0;1u\x1b[?u", "^[?5u^[?7u^[?3u^[?0u"),
        ("\x1b[>1u\x1b[?1049h\x1b[?u\x1b[>3u\x1b[?1049l\x1b[?u\x1b[?1049h\x1b[?u", "^[?0u^[?1u^[?3u"),
        ("\x1b[?4m\x1b[>4;1m\x1b[?4m\x1b[>4;2m\x1b[?4m\x1b[>4n\x1b[?4m", "^[>4;0m^[>4;1m^[>4;2m^[>4;0m"),
        // Size in band
        ("\x1b[?2048h", "^[48;5;10;80;80t"),
        // Never answered: clipboard, answerback
        ("\x1b]52;c;?\x07\x05", ""),
        // Levels: reports of modes begin with 3.
        ("\x1b[62\"p\x1b[4$p\x1b[?7$p", ""),
        ("\x1b[63\"p\x1b[4$p", "^[4;2$y"),
    ]
    .into_iter()
    .filter_map(|(text, want)| {
        let got = answers(text);
        (got != want).then(|| format!("{text:?}\n    want {want}\n    got  {got}"))
    })
    .collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(answers("\x1b[>q").starts_with("^P>|copilot-tui("));
}

#[test]
fn every_mode_says_how_it_stands() {
    // On at start, and can be turned off.
    for mode in [7, 8, 25, 1007] {
        assert_eq!(
            answers(&format!("\x1b[?{mode}$p\x1b[?{mode}l\x1b[?{mode}$p\x1b[?{mode}h\x1b[?{mode}$p")),
            format!("^[?{mode};1$y^[?{mode};2$y^[?{mode};1$y")
        );
    }
    // Off at start, and can be turned on.
    for mode in [
        1, 4, 5, 6, 9, 12, 18, 19, 40, 41, 42, 45, 47, 61, 64, 66, 67, 68, 69, 73, 81, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1045, 1047,
        1049, 2004, 2026, 2027, 2031,
    ] {
        assert_eq!(
            answers(&format!("\x1b[?{mode}$p\x1b[?{mode}h\x1b[?{mode}$p\x1b[?{mode}l\x1b[?{mode}$p")),
            format!("^[?{mode};2$y^[?{mode};1$y^[?{mode};2$y")
        );
    }
    assert_eq!(answers("\x1b[?3$p\x1b[?3h\x1b[?3$p\x1b[?40h\x1b[?3h\x1b[?3$p"), "^[?3;2$y^[?3;2$y^[?3;1$y");
    assert_eq!(answers("\x1b[?2048$p\x1b[?2048h\x1b[?2048$p"), "^[?2048;2$y^[48;5;10;80;80t^[?2048;1$y");
    // For good, on or off.
    for (mode, state) in [(2, 3), (60, 4), (1001, 4), (1010, 4), (1034, 4), (1036, 4), (1042, 4), (30, 0), (80, 0), (95, 0), (9001, 0), (65535, 0)] {
        assert_eq!(answers(&format!("\x1b[?{mode}h\x1b[?{mode}$p")), format!("^[?{mode};{state}$y"));
    }
    // ECMA's.
    for mode in [2, 4, 20] {
        assert_eq!(
            answers(&format!("\x1b[{mode}$p\x1b[{mode}h\x1b[{mode}$p\x1b[{mode}l\x1b[{mode}$p")),
            format!("^[{mode};2$y^[{mode};1$y^[{mode};2$y")
        );
    }
    assert_eq!(answers("\x1b[12$p\x1b[12l\x1b[12$p"), "^[12;1$y^[12;2$y");
    for mode in [1, 3, 5, 7, 10, 11, 13, 14, 15, 16, 17, 18, 19] {
        assert_eq!(answers(&format!("\x1b[{mode}$p")), format!("^[{mode};4$y"));
    }
    assert_eq!(answers("\x1b[99$p"), "^[99;0$y");
}

#[test]
fn styles_are_put_aside_and_taken_back() {
    for (text, want) in [
        ("\x1b[1;31m\x1b[#{\x1b[0m\x1b[#}\x1bP$qm\x1b\\", "^P1$r0;1;31m$"),
        ("\x1b[1m\x1b[#p\x1b[4m\x1b[#q\x1bP$qm\x1b\\", "^P1$r0;1m$"),
        ("\x1b[4;58;5;3m\x1b[#{\x1b[0m\x1b[#}\x1bP$qm\x1b\\", "^P1$r0;4;58:5:3m$"),
        ("\x1b[1m\x1b[#}\x1bP$qm\x1b\\", "^P1$r0;1m$"),
    ] {
        assert_eq!(answers(text), want, "{text:?}");
    }
}
