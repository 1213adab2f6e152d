enum KeySamples {
    /// RFC 7515 appendix A.2.1, PKCS#8.
    static let rsa2048 = """
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCh-BYK4uPJtGXOjS1lYmM2K5J9vinh8CR3_BYlzJChNuOL2TSX\
        xbbqY913EeZ8dCn5VrD7io8ImtxLaYk8wTM_U-3QGbh3hCUv7JFP5IV3aVlL6kKA0ywPVb9ilE8TA5a8bpvfbr3SvaNnjuygxmj3\
        AbONv_s4yDQs4v5tJ_reSlpIdJed1LnPmt7Ex1sFhSwsD174pcF1A5L5ROjtZMEQxrZHYJqkeDrrnGya11UxMFBji4NmXG9veoKj\
        lnAqH2QbgtPr8jkiGUkftoaHLFcW9Qr4NY2ai50Xw0Byj3-H2JoY2PyrZ62EWQwuz3WTOTY8BwNNb2BvniHgVFbK5emhAgMBAAEC\
        ggEAEq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe\
        46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanr\
        C4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneuf\
        uBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQKBgQDgHMQQ60imZV1URk0KpLttoLhyt3SmqdEf_kgHePDdtzEafpAu\
        -cS191R2JiuoF2yzWXnwFDcqGigp5BNr0AHQfD8_Lk8l1Mk09jxxCfui5nYooNyac8YFjm3vItzVCVDnEd3BbVWG8qf6deqElMGA\
        g-C2V0L4oNXnP7LZcPAZRwKBgQC5A8R-CZW2MvRTLLHzwZkUXV866cff7tx6kqa0finGG0KgeqlaZPxgCZnFp7AeAcCMtiynVlJ7\
        vMVgePsLq6XtON4tB5kP9jAPrq3rbAOal78eUH5OcED6eNuCV8ixEu1eWcPNCS_l1OW1EnXUEoEHKl54Xrrz2uNwkgMTP1FZ1wKB\
        gAcCn1dwJKufzBWQxWQp1vsM5fggqPN1qGb5y0MAk3g7_Ls5bkUp5u9SN0Ai3Ya6hNnvWJMb7sXQX6U_zyO2M_hTip7tUeh7CXgw\
        o59dkpN75gJLVds29-DAncu3KXU4f2Fa-7bLNrur53k8KwPOq2bbuTG69QtV7Jr5MR0AHWKNAoGBAIf_evpitUf-4JYbLpvNXWcY\
        052Mpz22aR84mY3nh3F2LF2mjMJDpTg7FmuyPcVw6EcGyoAe9fa65iNqCq-jdw6PVNGo2hxfjSiZ8IIzHdsPXI89__pMjZcQK9r-\
        CCoRjaZjOYiIDktVWZzmevJuv6WywUqd57LE3Zar3dLSIkx1AoGAIYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9s\
        QLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A56\
        03k2-ZQwVK0JKSHuLFkuQ3U
        """
    /// RFC 7515 appendix A.2.1, `n`.
    static let rsa2048Modulus = """
        ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yR\
        T-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXB\
        dQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9ia\
        GNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ
        """
    /// RFC 7515 appendix A.2.1, what is signed.
    static let rs256Input = """
        eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19\
        yb290Ijp0cnVlfQ
        """
    /// RFC 7515 appendix A.2.1, the signature.
    static let rs256Signature = """
        cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9\
        uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB\
        _eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rq\
        Vt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw
        """
    /// RFC 7515 appendix A.3.1, PKCS#8.
    static let p256 = """
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LKhRANCAAR_\
        zc4ncPbEXUGDy-5v20t7WAczNXvp7xO6z248e9FURcfxRM0bvZt-hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt
        """
    /// RFC 7515 appendix A.3.1, `x`.
    static let p256X = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
    /// RFC 7515 appendix A.3.1, `y`.
    static let p256Y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
    /// RFC 7515 appendix A.3.1, what is signed.
    static let es256Input = """
        eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19\
        yb290Ijp0cnVlfQ
        """
    /// RFC 7515 appendix A.3.1, the signature.
    static let es256Signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    /// Too short; made with pyca/cryptography.
    static let rsa1024 = """
        MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBANhIxlpftGRBwGEmTiAOkpCpCEBC81cgYn7nvZNXkDWa76tpPVZB\
        RG8gT546VBcYtCp3pV9mhmn9uoYmZKUfnLhpOebx9J-DO0ZQhZLnNcPJ-YCuNDg8MqvefrgmGSH8W--xTQ649-clAfm40YqVs6KW\
        brW8E4VUrBnKko_ncUz_AgMBAAECgYB6iFhf0QK5HgsovvPZ84eTj0AOcB--x6klrpLXi-82f22zFe9bE6T6tDqHMRJ891DzEk_N\
        iZ8zIz1uTQgOCKfXQ1eAq96vCmhbMzJWjZbz8vv1h4Zs2jE4qOiqdNn11QHcpLKzTiFi8RcZr1X65L861FPJluge4jeyK8jHp1HX\
        kQJBAPZT7O3xur32Nu0NIQMf1ie6vgzUJSObl22h328NL254TkbCuDXMc2J37qch8mJLMyMxEKnzt1Xlj5PR1iWeTpkCQQDgxtph\
        H8wuzNDsjQAQWqxjUPPLX1BFIzEU0FRu5VFRVWQ9rg9vKbUQn5rmcYvB51Fe8CIVf3HrLSIOd2VCeq9XAkA-y4hT5FLJyHGaHsWy\
        qTQL7sQyOwa4vBpvXVu7UK4tyEeULGGPfW5QxOg2_SVwP2Fq8EAiQzoSkLH4af7gminJAkASD6hoeXecoxR-jW3d4otLh6uvQb9f\
        bs54z6yZJI_-KxBc7GmNExrbdRerQKBsOjwNltoGRDFRJlVAOFPInbcNAkEA02pbmrqo4Io5Bcdf04SpmoEEC2RwX3XW-yKjx26P\
        SWllPLrBCN_8Pn1YW10pRgSa3I5Q5A9yijRNCfnvxIYXbw
        """
    /// Its `n`.
    static let rsa1024Modulus = """
        2EjGWl-0ZEHAYSZOIA6SkKkIQELzVyBifue9k1eQNZrvq2k9VkFEbyBPnjpUFxi0KnelX2aGaf26hiZkpR-cuGk55vH0n4M7RlCF\
        kuc1w8n5gK40ODwyq95-uCYZIfxb77FNDrj35yUB-bjRipWzopZutbwThVSsGcqSj-dxTP8
        """
    /// Another curve; made with pyca/cryptography.
    static let p384 = """
        MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDC_d9HcE-gt6gOQ96zOZdVvW8RyW858Bd_P3Oidk54TdmnNT6jz0vxi\
        1rpYin3QB1OhZANiAATtvsuT-iTYk_6O5Yx6AXABAE4XXlRg7PninQXIskzamNd3JmQsidx8_Mh0DFz8F9hfLr0zQ0tGN_cOIPAw\
        MM7GRZniFRtHPUE-pA0mLqlrIgA_8qYt5jFPIrZmaSUgJyk
        """
}
