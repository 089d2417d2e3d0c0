"""The tables of exp and log, worked out once: 128 pairs of floats each, as little-endian bytes in base 85.

`powers_of_two` and `negative_logarithms` work them out from the decimal module, in 10 ms; a test compares.
"""

from __future__ import annotations

import base64
from decimal import Decimal, localcontext

import numpy as np

from seedbed.core.elementary.exact import DIGITS, Floats, Pair, split_constant

STEPS = 128


def unpacked(text: str) -> Pair:
    """The two arrays of a table, shapes (128,) and (128,)."""
    values = np.frombuffer(base64.b85decode(text), dtype="<f8").astype(np.float64)
    return values[:STEPS], values[STEPS:]


def packed(pair: Pair) -> str:
    """A table as text."""
    return base64.b85encode(np.concatenate(pair).astype("<f8").tobytes()).decode()


def powers_of_two() -> Pair:
    """2**(j/128) for j = 0..127, correctly rounded, and what rounding took from it."""
    with localcontext() as context:
        context.prec = DIGITS
        exact = [(Decimal(2).ln() * j / STEPS).exp() for j in range(STEPS)]
        rounded = [float(value) for value in exact]
        return np.array(rounded), np.array([float(e - Decimal(r)) for e, r in zip(exact, rounded, strict=True)])


def negative_logarithms(inverses: Floats, bits: int) -> Pair:
    """-ln of each inverse: its part of `bits` bits after the point, and the rest."""
    with localcontext() as context:
        context.prec = DIGITS
        parts = [split_constant(-Decimal(float(c)).ln(), bits) for c in inverses]
        return np.array([upper for upper, _ in parts]), np.array([lower for _, lower in parts])


#: What `powers_of_two` gives.
POWERS_OF_TWO = (
    "00000008hmH8cCEJr?jkVSsl&nk?`?g@1176+`epbcGeuuvzdw-uB%oYjE&C$eVQ-MThV|gY(A9KA!MD4~h9~Shes!_eXLolFaZwqS4bb?Bno18`J);X8Z6z"
    "QCkww0Tb~*%rR`hy(;lP;4P`HnnLkEQI4g^m|F2adr^HnxN`A7>Wz#z`HJyBb<1z-"
    "Tchzm)LaCF;JfiZs<~(}ht%;u9ohUMQ0?(Q){J6^I|lMUmfU@jNgwh*IAV2fdN}ewKc=!z&QbC|-F)I@MQidufn)XI--Pl%;ocwhou2YPklEVMf4K5L3j^e)"
    "h0^jrRxduOuk7+a6}K@8{s!|uG1yG}a3S+Q{}yDj2t4yY@t=}k#a8n_%c(jyr*ZQ?X4nO7u8i|P_n+l7+o$tC<){<GEyMFaA~X_Arrz^E9Du9@Mf&qUDlYdS"
    "3KsM~m#9$L^)d86Es0@Z2u}1rR{$ODL2C3r&^*DlqK5Q8-"
    "qY9cDx>s2Cn`48+Q0Na4c+~jvfT7Pr!1XzvibBsLT1mR+7|Ucf=``RD>U^#50YKVq*3)h+9$O(M{o5%{l}No5{>mgDO5<^2dnizw?<itCdu_bNFl8iZ|C(t3"
    "EXzM;RW_Tg;hGRekArkAj8ZwMnm>LB_dUVIAZocbE!<!Re|<D%{zZ)o}l(WzuF6R62SI9FB)Y$vfuVUgp^VFegF19bYJY~bszUXbb+Nvnm_kH$!9`V>tFXjK"
    "V9BWX@K`XhXLzz6ruM&GQltb?ZNjyVouLC^WyhE5*j{KCj|IE6V6PTi6!_yt;Zuq8b|m)?UF>B*=YDbnP!UF$BOtr+n_2!<*fKWj6}5-"
    "GSB!wHg^@7uJQOk#{ZEETNL>}<;BggH#hk|4^qg>L|XYjP)^>Tf_?cvx(CW|@u2xXknp2|k;M5wBO~J(W9a!mW#wIaW(@j2Gc8K&n=tx6T_rxU16BGzShFw_"
    "o_YE|zx{btYo7W)dh^r2Ys30Kt<zeWpXmBOX10wf2M+r``xQ^PqBHwHI$7n7a#{O7M_&8#c7OXnN(P}Yu%-"
    "Jy(!ooR9?bhc2_Dy5!t(n+oKl6|n;HB+deHx0t3doeOVL*@@n`%$wdV$uZIApvX^`*SAh-NK`ompS3*Y=de2E82EeHKS@`()yhcEp<hot-"
    "57+C#3n1jg{<AD7?g)-"
    "X%=BfQZV6*}AA=CXoUz>X~m;C)dDWUZgMkfA0_CJf~E>QkIgG|T!QF{JA+K{B8ucZDz@n?=LNYDO1Ct6|d8~Xk~m%3{=D<%IwKt*m_c2NI66uz9T{d@mE*pQ"
    "xq!KeQ}@o|qU!qfjh0000000000x6QbkDPfyDT?kuKgOG8&Zpn8U9HWrDWwdpq;&Y8WCp@v@-"
    ";s>G|AewjzJ_5uHeoRscu0{v3t`+!E~c0~aZlnF+#ZlTQ+vfH7dk*Zd%aG??VD@7I-"
    "5i}5XF|f$E9qu6tz*jo;LBCzb})#3ajq9YCwWKc8b@zL6CvGY!8>wBM_0i<Y-"
    "BIOk0jT2lg&ChEtimJY=E(ZULS=jJJCNnBS4Sm4r%xb;pf7?xmEJeyM^ya|Oq?ez2K5r1bQ@Rl$lp+37%;GrfX5ehoj2I!v0pRT8bQ=n{rJq#8KZ+zLUw)j`"
    "`-"
    "M*@&MgCo^N56W>o<bpBMYV?LYd;}Pd=bVZ>rdc+GAt#eOC`L|P?p%w!;_5=b>N=LZy#$#&jg_9f<Mm<IHsp1@!zo=i`2U`~yq@q83EGN0^Z8c!BhZ(;c#<$2"
    "Y4cvZnR#F1-N%8v(17m*dYec*c8X-"
    "tOO%{E@M4g*qrr1LR=&~mV#}F4;zI1NmqUF#Gk9ve+w7P;<5yYI3A2>E?~}c0g?5j;tvs<EzIuSXo8|5AoM?@_t&<%AEW4RJ=pC9{;gy0stw%-"
    "$Ofr@{qK0XK8%sPqUgm%>`KFsZN8VPOLgJIWm$X2B!Gn{$Gl`vbJV=bZG#pun3AUTOWj^;rt~g*kR%EghG~JuL4GaHgR*7=FtB5>kI=*YX_6~+64?KvxnR<w"
    "ZM{a?<Jk@1v*{G1b(`_+VStO9WEfxX_xMr9<FPQ}HcNK)Z)=d`COcI|wet8wT0$p%CE0=9zhJ2E|*fJH=9Za3P`^`b4gw}|>y7ttY_{N{SI<<WB!jzdjCrgG"
    "_@#&U4s^jT0Ue$2CY?tGr6U>D?BqdlbdDfl0yneNT$6sf>Iq;>Hd`ot`(S;j)TNs_ZGUm>ay>pSgzVdOfMtpocZcOHQ$|QI^Gu0ejNm-"
    "M;t2W$yTrieA;X#etZZDm@$799He#@IYG5z-r$@-8y&}`?*G?I_Jfy`Yr&7qe(CFFoi_1>Gj2-k!#UVvh}<88XT-*KG0JFHZGPgr%lE-"
    "6$F)BK*igq|&W&^>}YbDV2G%Ke_a-AGW0We|Zp3dV!rH$|H~tvpEoO^A{_L|lMKysU9N+ezus%L8>ha-D)xJJ^l9oO*dfH@uv@c!iyDdq|zU2RB>S0_}o4=-"
    "=&&!5)#kGPP}K03)0{!x->*SK5+1TuT^F&83mNmK1t{C$^WokIboniJpTz;*AW-"
    "BGr;SlPH`QBb=VRjI9y0^OKysu(qUz^v9h%Lyir<rJ<8Ni=o&p;nSHs3N;4M61$ze9+Rc>Q%HwA=Xqt8bn9X~"
)

#: What `negative_logarithms` gives for the inverses of `logarithm`.
NEGATIVE_LOGARITHMS = (
    "0HCLEF#pxR0MPWXDx}rF0N|~|qDa-h01#j@m+aKP008YgH>cFU0MKK!K}yuW0ATN6#O%|*0N{?Zy^hnr0Dzd9-AB{E03hMI;^@-"
    "90Fd4jT8YxX03iK~RYB6f03bKR(BRR(05H@o4Vclt0I-t+hc?l_0Dxs*0PWDf0HAZ?B%{#30N}KgB|y-"
    ">03hZw0_)Ge0DwzY3RTa)0AQ+80*ubT06=mKZ1l~)0KiXcAzaPB0Du?3Aj8bR03eK2XerFU03bqe_KwTH0KkAw$@9v;0AM62-"
    "&e}N004e2HoM8c03bAs%pJ+U0N@~Hpnu4}0N^mzui(eO06;+X_&~?M0KoUqd7#F>0HCLEF#pBB06-"
    "(u8ePS|06?PjnefEF0D#MED^0||0KhRV>!`!O0D$Be*8{`9001EPQkBBL0N^bS+3vx=0AOc?g-"
    "5}^0HDx(e%HXi06@P&yDq@L0D!~(d3(RV001j)2PeM20Kjb46GOef0Du%2sO!7G0D$hBv<17r06-u{LaVvI0KhTUMZ>ti0Kldrzh$?-"
    "003`tuzR+@06_5l%8<3c0Dz{x+%B}g00118*Fm$t06+>a_EWOI06<lngYB@t005j3>H4p~0Dvb92N|xv0DzLvT{Wz~007AjgIuY<001-"
    "gSaheq007CaTZ*N>0095Fhn}Oq001P3*|4F%0032Nrjeb$0013T=d78(006mBTEvyV005us_t%lX004F@anFmt001UkDd&T~007+U5$<=t00000000000000"
    "000000004-"
    "iNF<0q005XJsWOy5000#1(qo)I0002w<4K`E0DuEbTydp80DyC~hoPxI0D#@ibIYth005q~n1!%E06=(Ldmyqu0KnS=UP!b*0DzZGTIsbv0Kh;mei^tw002!"
    "b!@#*e06?vc$ZESk0DvKgmlwT1000VuImf;~03e>Vn1#SU03b^O$Y8-"
    "g0KiEqaXrF606;oTnH$4D03eyAMf<})0Kj{Rd)&l70Du9>d~?M=004}>PFKc10KiWNxje@|0H9H2!6V2&0HFN2Z4Ajj0HEuQcc{rf0Kkeo?UTws03f(97lF$"
    "^0N@v^C?L!~06=B(HxSJ~0D#o6J+aL{0H6e)M5N9?0N_m%OGnQ?0Kg_zt{%`o08mX}IC0QF0AOKfEyU120B|<%XF<_F0Kl6&ZI#hK0Fa1h;px#o0MIlMVrkM"
    "p0Fc~#@V?SN08rE6@f6cP01&=*XKT|x05CImQo_?e0FYDQkww%$0KmNSr=8S40Fb)tH}=#&0N{HYLr>K|0MNeM%Ba;p0FdyC&;r&!^6NVoZ&*k@X}b3<uVda"
    "k!uUOBU^+`Zzso*Up)5;1NmTReG@>~@_k=-"
    ")>j+0Z4=}+eh5`mX*sNeipT0>wl7Pk3O<5&9*ekc09(yJ|2=>{QLb*acse$We0Qg5eu$3pPhJ!*q*?4kcF(FAkBXQQ5gg!kz1E^Xkb=)F7&%Y2DK{-"
    "x6lwJrsN`6m0&V@>Iq%%l8{sNMq<0B(I|K{j`TYx4#<2R(IzR*HF8)(YAk-"
    "8y08?t5@zx_%*K#JqubNwtmkUR8dX2nB2W{}N4V@|p}qB8NC8#6*Z{148dsPZ8_U4Rgw${|EOg8ug3Z|_Du`W;SuFpNz-"
    "p^5>SY_>2xg>|{z11?29^6NVoZ&)}z4BRY{HIYI+C$Ikc@|!+AJa{!>!3-"
    "BY_*GO835rZT1<O9pwSd+<{2fR1XSp>!ZWHa1Q$0;R76<!Xms3qWzlDxynWjNKT@K(}`luB>0qvLQhY0~aJOJ=2EHo-T6IT;?Lq#b)S0CTDc$+vqT6=Il-"
    "2hHKVQ_dRNTw(~&FZBog>OPVY9+)qz{~zToI+UAHiAz*E2?f(*y}+(rfjex;)hH<_(VRlwiib|fGkUbgY-"
    "o`w5v#M^Z_|Nt4?PxGCxZ_hMr<%M(Qs;9v@KI%rr<nxc<eLf)p%039p9b+<`GYIjwM&b1N%7^*5=%6{tWxyNT$U9zZia8Nr;UgJ(!R5X8rR*>x>F*oSQ)wmT"
    "+0rpNq)IvEr_5={v0Lwig;6rm~q!3ickVBFHfVv9~a00000000000000000000;Dp5zL{&6B{x^n_Ie`g1y{zYtF<wPIf=l1BI-"
    "^EC?8F@qxw}I>d6S*k=$=PC{`CoN!(}-=`_2AQL<3DdzsC^#jGZ(+w`$VpMy)?RadFY%e9JLC-~X1+4fsJl%sjrZAEZJ($0Y*w-"
    "y1tU?Y{4|Gh{P85Zw%@%O5d4^_%^phz3eMJ)Qum(!wr1T;J1=BMlHe5D2B?jtM_KS>?*W6PGbP5C7o`ws{Oa_J_Epr@A>k&xMC&@i{|1E&YFat4u*XgC1j=+"
    "YKH)2jv`5LD@__ki-"
    "5y`fxNorg!QqZ{tZlXxE%OXpkN~PvNLWe6&eDl8~erSbI)A<|lQ8YJf65HY#&t7U?xTQ9=+0+bBXku7%$E+(SA&b!xZR=EOif>FPWdix?+8^{P#R2Mj(v6sp"
    "lW_tGal(WD!esOUpI?(Eig@FYh)^aM~!`kX2~(y%v6VaG{5$anFu&2AArT)hUiR67_wDBRX|YLQMonoF-"
    "uGkY*SqituJQy)M*QVEg3REZirm_Vo}!$D6yWk26`k-i>1"
)
